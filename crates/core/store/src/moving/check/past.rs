//! Each past text has a body, and each body that no living item has is a past text's.

use super::account::{Account, Outside, length_differs};
use super::directory::Directory;
use super::finding::{Findings, Spot};

/// Takes the bodies that past texts have from those that nobody has yet; what large ones say is looked at with the
/// others.
pub(super) fn past(id: i64, account: &mut Account, directory: &Directory, findings: &mut Findings) {
    for past in std::mem::take(&mut account.past) {
        let one = account.collections.get(&past.collection);
        let spot = || Spot {
            collection: Some(
                one.map_or_else(|| format!("{:x}", past.collection), |one| one.called(past.collection)),
            ),
            item: Some(format!("{:?}", past.name)),
            ..directory.at(id)
        };
        let Some(body) = account.loose.remove(&past.text) else {
            let what = format!("the body of its past text {} ({:x}) is missing", past.number, past.item);
            findings.add("past-without-body", spot(), what);
            continue;
        };
        let mut wrong = body.wrong;
        match body.outside {
            Some((blob, hash)) => {
                let item = (past.collection, past.name.clone());
                account.outside.push(Outside { blob, item, size: past.size, hash });
            }
            None => wrong.extend(length_differs(body.length, past.size)),
        }
        for (rule, what) in wrong {
            findings.add(rule, spot(), format!("of its past text {}: {what}", past.number));
        }
    }
    for item in account.loose.keys() {
        let spot = Spot { item: Some(format!("{item:x}")), ..directory.at(id) };
        findings.add("body-without-item", spot, "there is a body, and no item");
    }
}
