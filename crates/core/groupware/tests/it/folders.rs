//! Folders in folders: who may do what along the chain, moves and copies of whole trees, and their limits.

use crate::bed::{Bed, collection, item, policy};
use bytes::Bytes;
use kontor_groupware::{Asker, DRIVE, Expect, NewCollection, Place, Put, PutUpload, Select};
use kontor_model::{Components, Error, Grant, Grantee, Kind, Properties, Result, Right, Rights, Role, Rule};

const FILES: &[Kind] = &[Kind::Files];

/// A drive with the folders `a`, `a/b` and `c`, and a file in each.
pub(crate) struct Drive {
    pub(crate) bed: Bed,
    pub(crate) anna: Asker,
    pub(crate) ben: Asker,
}

impl Drive {
    pub(crate) async fn new() -> Self {
        Self::with(Bed::new().await).await
    }

    pub(crate) async fn with(bed: Bed) -> Self {
        let (anna, ben) = (bed.user("anna").await, bed.user("ben").await);
        bed.office.need_drive(&anna, "anna").await.unwrap();
        bed.office.need_drive(&ben, "ben").await.unwrap();
        let drive = Self { bed, anna, ben };
        for (above, name) in [("", "a"), ("a", "b"), ("", "c")] {
            drive.make(&drive.anna, above, name).await.unwrap();
        }
        for folder in ["", "a", "a/b", "c"] {
            drive.write(&drive.anna, folder, "file.txt", folder).await.unwrap();
        }
        drive
    }

    pub(crate) async fn at(&self, who: &Asker, path: &str) -> Result<Place> {
        self.of(who, "anna", path).await
    }

    async fn of(&self, who: &Asker, owner: &str, path: &str) -> Result<Place> {
        let path = if path.is_empty() { DRIVE.to_owned() } else { format!("{DRIVE}/{path}") };
        self.bed.office.place(who, owner, FILES, &path).await
    }

    pub(crate) async fn make(&self, who: &Asker, above: &str, name: &str) -> Result<Place> {
        let above = self.at(who, above).await?;
        self.bed.office.create_folder(who, &above, collection(name), Properties::new()).await
    }

    pub(crate) async fn write(&self, who: &Asker, folder: &str, name: &str, text: &str) -> Result<()> {
        let at = self.at(who, folder).await?;
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        let put = Put { media_type: "text/plain", bytes, expect: Expect::Any };
        self.bed.office.put(who, &at, &item(name), put).await.map(drop)
    }

    pub(crate) async fn text(&self, who: &Asker, folder: &str, name: &str) -> Result<String> {
        let at = self.at(who, folder).await?;
        let found = self.bed.office.item(who, &at, &item(name)).await?;
        Ok(String::from_utf8(found.body.to_vec()).unwrap())
    }

    /// What lies in a folder; folders with a slash.
    pub(crate) async fn list(&self, folder: &str) -> Vec<String> {
        let at = self.at(&self.anna, folder).await.unwrap();
        let page = self.bed.office.page(&self.anna, &at, None, 100, Select::Meta).await.unwrap();
        let slash = |folder: Option<_>| if folder.is_some() { "/" } else { "" };
        page.items.iter().map(|one| format!("{}{}", one.meta.name, slash(one.meta.folder))).collect()
    }

    pub(crate) async fn relocate(
        &self,
        who: &Asker,
        from: &str,
        above: &str,
        name: &str,
        overwrite: bool,
    ) -> Result<()> {
        let (from, above) = (self.at(who, from).await?, self.at(who, above).await?);
        self.bed.office.relocate_collection(who, &from, &above, &collection(name), overwrite).await.map(drop)
    }

    pub(crate) async fn copy(
        &self,
        who: &Asker,
        from: &str,
        above: &str,
        name: &str,
        overwrite: bool,
    ) -> Result<()> {
        let (from, above) = (self.at(who, from).await?, self.at(who, above).await?);
        self.bed.office.copy_collection(who, &from, &above, &collection(name), overwrite).await.map(drop)
    }

    pub(crate) async fn grant(&self, path: &str, rights: Option<Rights>) {
        let at = self.at(&self.anna, path).await.unwrap();
        let to = Grantee::Account(self.ben.principal.id);
        let grants = rights.map(|rights| vec![Grant { grantee: to, rights }]);
        self.bed.office.set_grants(&self.anna, &at, grants).await.unwrap();
    }
}

fn misplaced<T: std::fmt::Debug>(done: Result<T>) {
    assert!(matches!(done, Err(Error::Invalid { rule: Rule::Location, .. })), "{done:?}");
}

#[tokio::test]
async fn a_name_is_given_once_among_files_and_folders() {
    let drive = Drive::new().await;
    assert_eq!(drive.list("").await, ["a/", "c/", "file.txt"]);
    assert_eq!(drive.make(&drive.anna, "", "a").await.map(drop), Err(Error::Exists));
    assert_eq!(drive.make(&drive.anna, "", "file.txt").await.map(drop), Err(Error::Exists));
    assert_eq!(drive.write(&drive.anna, "", "a", "text").await, Err(Error::Exists));
    let top = drive.at(&drive.anna, "").await.unwrap();
    let gone = drive.bed.office.remove(&drive.anna, &top, &item("a"), Expect::Any).await;
    assert_eq!(gone, Err(Error::Exists), "a folder goes as a folder");
    assert_eq!(drive.text(&drive.anna, "a/b", "file.txt").await.unwrap(), "a/b");
}

#[tokio::test]
async fn a_tree_moves_with_all_that_is_in_it() {
    let drive = Drive::new().await;
    drive.relocate(&drive.anna, "a", "c", "moved", false).await.unwrap();
    assert_eq!(drive.list("").await, ["c/", "file.txt"]);
    assert_eq!(drive.list("c").await, ["file.txt", "moved/"]);
    assert_eq!(drive.text(&drive.anna, "c/moved/b", "file.txt").await.unwrap(), "a/b");
    assert_eq!(drive.at(&drive.anna, "a").await.map(drop), Err(Error::NotFound));
    // Over a folder, and over a file.
    drive.relocate(&drive.anna, "c/moved/b", "c", "moved", false).await.unwrap_err();
    misplaced(drive.relocate(&drive.anna, "c/moved/b", "c", "moved", true).await);
    drive.make(&drive.anna, "", "target").await.unwrap();
    let taken = drive.relocate(&drive.anna, "c/moved", "", "target", false).await;
    assert_eq!(taken, Err(Error::Exists));
    drive.relocate(&drive.anna, "c/moved", "", "target", true).await.unwrap();
    let taken = drive.relocate(&drive.anna, "target", "", "file.txt", false).await;
    assert_eq!(taken, Err(Error::Exists));
    drive.relocate(&drive.anna, "target", "", "file.txt", true).await.unwrap();
    assert_eq!(drive.list("").await, ["c/", "file.txt/"]);
    assert_eq!(drive.text(&drive.anna, "file.txt/b", "file.txt").await.unwrap(), "a/b");
}

#[tokio::test]
async fn a_tree_is_copied_with_all_that_is_in_it() {
    let drive = Drive::new().await;
    drive.copy(&drive.anna, "a", "c", "copy", false).await.unwrap();
    drive.write(&drive.anna, "a/b", "file.txt", "changed").await.unwrap();
    assert_eq!(drive.list("c/copy").await, ["b/", "file.txt"]);
    assert_eq!(drive.text(&drive.anna, "c/copy/b", "file.txt").await.unwrap(), "a/b");
    assert_eq!(drive.copy(&drive.anna, "a", "c", "copy", false).await, Err(Error::Exists));
    drive.copy(&drive.anna, "a", "c", "copy", true).await.unwrap();
    assert_eq!(drive.text(&drive.anna, "c/copy/b", "file.txt").await.unwrap(), "changed");
    misplaced(drive.copy(&drive.anna, "a", "a/b", "self", false).await);
    misplaced(drive.copy(&drive.anna, "a/b", "", "a", true).await);
    misplaced(drive.relocate(&drive.anna, "a", "a/b", "self", false).await);
    // To somebody else's drive, and there as their own.
    drive.grant("a", Some(Role::Reader.rights())).await;
    let (from, to) =
        (drive.at(&drive.ben, "a").await.unwrap(), drive.of(&drive.ben, "ben", "").await.unwrap());
    let office = &drive.bed.office;
    office.copy_collection(&drive.ben, &from, &to, &collection("mine"), false).await.unwrap();
    let mine = drive.of(&drive.ben, "ben", "mine/b").await.unwrap();
    assert_eq!(office.item(&drive.ben, &mine, &item("file.txt")).await.unwrap().body, "changed");
}

#[tokio::test]
async fn a_file_takes_the_place_of_a_folder_only_if_told_so() {
    let drive = Drive::new().await;
    let (top, deep) = (drive.at(&drive.anna, "").await.unwrap(), drive.at(&drive.anna, "a/b").await.unwrap());
    let (office, file, folder) = (&drive.bed.office, item("file.txt"), item("a"));
    let copied = office.copy(&drive.anna, (&top, &file), Expect::Any, (&top, &folder), false).await;
    assert_eq!(copied, Err(Error::Exists));
    misplaced(office.copy(&drive.anna, (&deep, &file), Expect::Any, (&top, &folder), true).await);
    let copied = office.copy(&drive.anna, (&top, &file), Expect::Any, (&top, &folder), true).await.unwrap();
    assert!(!copied.created);
    assert_eq!(drive.list("").await, ["a", "c/", "file.txt"]);
    assert_eq!(drive.at(&drive.anna, "a/b").await.map(drop), Err(Error::NotFound));
}

#[tokio::test]
async fn a_drive_stays_where_it_is() {
    let drive = Drive::new().await;
    let top = drive.at(&drive.anna, "").await.unwrap();
    misplaced(drive.bed.office.remove_collection(&drive.anna, &top).await);
    misplaced(drive.relocate(&drive.anna, "", "c", "x", false).await);
    let new = NewCollection {
        kind: Kind::Files,
        name: collection("second"),
        components: Components::NONE,
        properties: Properties::new(),
    };
    let second = drive.bed.office.create_collection(&drive.anna, "anna", new).await.map(drop);
    assert!(matches!(second, Err(Error::Unsupported { .. })), "{second:?}");
    let calendar = drive.bed.place(&drive.anna, &drive.anna, "default").await.unwrap();
    misplaced(
        drive.bed.office.relocate_collection(&drive.anna, &calendar, &top, &collection("x"), false).await,
    );
}

#[tokio::test]
async fn folders_are_bounded() {
    let mut policy = policy();
    policy.limits.max_folders = 70;
    let drive = Drive::with(Bed::with(policy).await).await;
    let mut path = "a/b".to_owned();
    for depth in 4.. {
        match drive.make(&drive.anna, &path, "d").await {
            Ok(_) => path.push_str("/d"),
            Err(error) => {
                assert_eq!(error, Error::TooLarge { limit: "folders in each other", max: 64 });
                assert_eq!(depth, 65);
                break;
            }
        }
    }
    // What is deep cannot be put deeper.
    let deeper = drive.relocate(&drive.anna, "a", "c", "a", false).await;
    assert_eq!(deeper, Err(Error::TooLarge { limit: "folders in each other", max: 64 }));
    for n in 0..6 {
        drive.make(&drive.anna, "c", &format!("n{n}")).await.unwrap();
    }
    let more = Err(Error::TooLarge { limit: "max_folders", max: 70 });
    assert_eq!(drive.make(&drive.anna, "c", "more").await.map(drop), more);
    assert_eq!(drive.copy(&drive.anna, "c", "a", "c", false).await, more);
}

/// The rights that decide on a folder: those of the nearest list on the way up.
fn nearest(lists: &[Option<Rights>]) -> Rights {
    lists.iter().rev().find_map(|list| *list).unwrap_or(Rights::NONE)
}

/// Each list on the drive, on `a` and on `a/b`: what Ben may do in `a/b`, and with it.
#[tokio::test]
async fn the_nearest_list_on_the_way_up_decides() {
    let drive = Drive::new().await;
    let with = |role: Role, more: &[Right]| role.rights().union(Rights::of(more));
    let lists = [
        None,
        Some(Rights::NONE),
        Some(Role::Reader.rights()),
        Some(Role::Dropbox.rights()),
        Some(with(Role::Editor, &[Right::CreateCollection])),
        Some(Role::Manager.rights()),
    ];
    let mut round = 0;
    for on_drive in lists {
        drive.grant("", on_drive.or(Some(Rights::NONE))).await;
        for on_a in lists {
            drive.grant("a", on_a).await;
            for on_b in lists {
                drive.grant("a/b", on_b).await;
                round += 1;
                let chain = [on_drive, on_a, on_b];
                let (above, here) = (nearest(&chain[..2]), nearest(&chain));
                try_all(&drive, round, above, here, &format!("{chain:?}")).await;
            }
        }
    }
}

async fn try_all(drive: &Drive, round: usize, above: Rights, here: Rights, told: &str) {
    let (ben, name) = (&drive.ben, format!("f{round}"));
    let found = drive.at(ben, "a/b").await.is_ok();
    assert_eq!(found, here != Rights::NONE, "found: {told}");
    let read = drive.text(ben, "a/b", "file.txt").await.is_ok();
    assert_eq!(read, here.has(Right::Read), "read: {told}");
    let wrote = drive.write(ben, "a/b", &name, "new").await;
    assert_eq!(wrote.is_ok(), here.has(Right::Insert), "write: {told}: {wrote:?}");
    let changed = drive.write(ben, "a/b", "file.txt", "a/b").await;
    assert_eq!(changed.is_ok(), here.has(Right::EditAll), "change: {told}: {changed:?}");
    let made = drive.make(ben, "a/b", &name.to_uppercase()).await;
    assert_eq!(made.is_ok(), here.has(Right::CreateCollection), "make: {told}: {made:?}");
    if !here.has(Right::Look) {
        let hidden = Err(Error::NotFound);
        assert_eq!(drive.text(ben, "a/b", "none.txt").await.map(drop), hidden, "{told}");
        assert_eq!(drive.make(ben, "a/b", "x").await.map(drop), hidden, "{told}");
    }
    // Away with it: by the right to manage it, or as an item of the folder above.
    let may = here.has(Right::Manage) || above.has(Right::DeleteAll) && here.has(Right::DeleteAll);
    let renamed = match drive.at(ben, "a/b").await {
        Ok(place) => {
            let above = drive.at(&drive.anna, "a").await.unwrap();
            let office = &drive.bed.office;
            office.relocate_collection(ben, &place, &above, &collection("b2"), false).await.map(drop)
        }
        Err(error) => Err(error),
    };
    assert_eq!(renamed.is_ok(), may, "rename: {told}: {renamed:?}");
    if renamed.is_ok() {
        drive.relocate(&drive.anna, "a/b2", "a", "b", false).await.unwrap();
    }
}

/// A list of its own keeps somebody out of one folder of a tree: then the tree cannot go, nor be copied, by them.
#[tokio::test]
async fn what_is_kept_from_somebody_does_not_go_with_the_rest() {
    let drive = Drive::new().await;
    drive.grant("a", Some(Role::Manager.rights())).await;
    drive.grant("a/b", Some(Rights::NONE)).await;
    let at = drive.at(&drive.ben, "a").await.unwrap();
    let office = &drive.bed.office;
    let gone = office.remove_collection(&drive.ben, &at).await;
    assert_eq!(gone, Err(Error::Forbidden { right: Right::DeleteAll }));
    let to = drive.of(&drive.ben, "ben", "").await.unwrap();
    let copied = office.copy_collection(&drive.ben, &at, &to, &collection("mine"), false).await;
    assert_eq!(copied.map(drop), Err(Error::NotFound));
    let told = office.folders(&drive.ben, &at).await.unwrap();
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(drive.text(&drive.anna, "a/b", "file.txt").await.unwrap(), "a/b");
}

/// A large body is put when it is whole; one that breaks off changes nothing, and is not begun where it could not end.
#[tokio::test]
async fn an_upload_that_breaks_off_leaves_the_old_text_in_place() {
    let drive = Drive::new().await;
    let (office, name) = (&drive.bed.office, item("file.txt"));
    let at = drive.at(&drive.anna, "a").await.unwrap();
    let mut upload = office.upload(&drive.anna, &at, &name, Expect::Any).await.unwrap();
    upload.append(&vec![7; 20_000_000]).await.unwrap();
    drop(upload);
    assert_eq!(drive.text(&drive.anna, "a", "file.txt").await.unwrap(), "a");
    let mut upload = office.upload(&drive.anna, &at, &name, Expect::Any).await.unwrap();
    upload.append(&vec![b'x'; 200_000]).await.unwrap();
    let content = upload.finish().await.unwrap();
    // Somebody else was faster.
    let put =
        PutUpload { media_type: "text/plain", content: content.clone(), expect: Expect::Absent, part: false };
    let refused = office.put_upload(&drive.anna, &at, &name, put).await;
    assert!(matches!(refused, Err(Error::Stale { .. })), "{refused:?}");
    assert_eq!(drive.text(&drive.anna, "a", "file.txt").await.unwrap(), "a");
    let put = PutUpload { media_type: "text/plain", content, expect: Expect::Any, part: false };
    office.put_upload(&drive.anna, &at, &name, put).await.unwrap();
    assert_eq!(drive.text(&drive.anna, "a", "file.txt").await.unwrap().len(), 200_000);
    // Nobody sends gigabytes to be told no.
    drive.grant("a", Some(Role::Reader.rights())).await;
    let theirs = drive.at(&drive.ben, "a").await.unwrap();
    let refused = office.upload(&drive.ben, &theirs, &name, Expect::Any).await.map(drop);
    assert_eq!(refused, Err(Error::Forbidden { right: Right::Insert }));
}
