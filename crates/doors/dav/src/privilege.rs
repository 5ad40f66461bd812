//! Rights as WebDAV privileges (RFC 3744 3, RFC 4791 6.1.1; features.md 6.3).
//!
//! Only for telling: what the asker may do is decided by `groupware`, each time anew.
//!
//! Rights for which no specification has a privilege have one of the house (RFC 3744 3: servers may), so that an access
//! list that a client reads and writes back grants what it granted before.

use kontor_model::{Right, Rights, Role};
use kontor_wire_dav::name::{Name, caldav, dav};

/// A privilege and those that it is made of.
pub(crate) struct Privilege {
    /// Name on the wire.
    pub(crate) name: Name,
    /// For a person.
    pub(crate) description: &'static str,
    /// Privileges inside.
    pub(crate) parts: &'static [Privilege],
    /// The rights that it stands for; holding all of them is holding it.
    pub(crate) rights: &'static [Right],
}

/// Privileges of the house.
const fn own(name: &'static str, description: &'static str, rights: &'static [Right]) -> Privilege {
    Privilege { name: Name::known("urn:kontor:privileges", name), description, rights, parts: &[] }
}

/// The trees that DAV:supported-privilege-set tells: everything that comes with a role, and what only is granted by name.
pub(crate) static TREES: [&Privilege; 3] = [
    &ALL,
    &own("read-private", "Read private items", &[Right::Private]),
    &own("book", "Book", &[Right::Book]),
];

static ALL: Privilege = Privilege {
    name: dav::ALL,
    description: "Everything",
    rights: &[Right::Read, Right::Insert, Right::EditAll, Right::DeleteAll, Right::Manage, Right::Administer],
    parts: &[
        Privilege {
            name: dav::READ,
            description: "Read",
            rights: &[Right::Read],
            parts: &[
                Privilege {
                    name: caldav::READ_FREE_BUSY,
                    description: "See free and busy times",
                    rights: &[Right::FreeBusy],
                    parts: &[],
                },
                Privilege {
                    name: dav::READ_CURRENT_USER_PRIVILEGE_SET,
                    description: "See your own privileges",
                    rights: &[Right::Look],
                    parts: &[],
                },
            ],
        },
        Privilege {
            name: dav::WRITE,
            description: "Change",
            rights: &[Right::Insert, Right::EditAll, Right::DeleteAll, Right::Manage],
            parts: &[
                Privilege { name: dav::BIND, description: "Add", rights: &[Right::Insert], parts: &[] },
                Privilege {
                    name: dav::UNBIND,
                    description: "Remove",
                    rights: &[Right::DeleteAll],
                    parts: &[own("delete-own", "Remove own items", &[Right::DeleteOwn])],
                },
                Privilege {
                    name: dav::WRITE_CONTENT,
                    description: "Change contents",
                    rights: &[Right::EditAll],
                    parts: &[own("edit-own", "Change own items", &[Right::EditOwn])],
                },
                Privilege {
                    name: dav::WRITE_PROPERTIES,
                    description: "Change properties",
                    rights: &[Right::Manage],
                    parts: &[],
                },
            ],
        },
        Privilege { name: dav::UNLOCK, description: "Unlock", rights: &[Right::Manage], parts: &[] },
        Privilege {
            name: dav::READ_ACL,
            description: "See who may do what",
            rights: &[Right::Administer],
            parts: &[],
        },
        Privilege {
            name: dav::WRITE_ACL,
            description: "Change who may do what",
            rights: &[Right::Administer],
            parts: &[],
        },
        own("create-collection", "Make collections", &[Right::CreateCollection]),
        own("reshare", "Grant what is granted", &[Right::Reshare]),
    ],
};

impl Privilege {
    /// Whether whoever has `rights` has this privilege.
    pub(crate) fn held_by(&self, rights: Rights) -> bool {
        self.rights.iter().all(|right| rights.has(*right))
    }

    /// Calls `each` with every privilege of the tree that `rights` hold, the larger ones first.
    fn held(&self, rights: Rights, each: &mut dyn FnMut(&Name)) {
        if self.held_by(rights) {
            each(&self.name);
        }
        for part in self.parts {
            part.held(rights, each);
        }
    }

    /// The rights to store when this privilege is granted.
    pub(crate) fn grants(&self) -> Rights {
        if self.name == dav::ALL {
            return Role::Manager.rights();
        }
        self.parts.iter().fold(Rights::of(self.rights), |sum, part| sum.union(part.grants()))
    }

    /// The privilege of that name in this tree.
    fn find(&self, name: &Name) -> Option<&Self> {
        if self.name == *name { Some(self) } else { self.parts.iter().find_map(|part| part.find(name)) }
    }
}

/// Calls `each` with every privilege that `rights` hold.
pub(crate) fn held(rights: Rights, each: &mut dyn FnMut(&Name)) {
    TREES.iter().for_each(|tree| tree.held(rights, each));
}

/// The privilege of that name.
pub(crate) fn find(name: &Name) -> Option<&'static Privilege> {
    TREES.into_iter().find_map(|tree| tree.find(name))
}

/// The privilege to name in DAV:need-privileges when that right is missing.
pub(crate) fn needed(right: Right) -> Name {
    match right {
        Right::FreeBusy => caldav::READ_FREE_BUSY,
        Right::Look => dav::READ_CURRENT_USER_PRIVILEGE_SET,
        Right::Read | Right::Private => dav::READ,
        Right::Insert | Right::CreateCollection | Right::Book => dav::BIND,
        Right::EditOwn | Right::EditAll => dav::WRITE_CONTENT,
        Right::DeleteOwn | Right::DeleteAll => dav::UNBIND,
        Right::Manage => dav::WRITE_PROPERTIES,
        Right::Administer | Right::Reshare => dav::WRITE_ACL,
    }
}

/// The privileges to grant in one ACE of DAV:acl: the largest that grant no more than is held, none inside another.
/// Granting just these comes to the same rights again.
pub(crate) fn granted(rights: Rights) -> Vec<Name> {
    fn walk(privilege: &Privilege, rights: Rights, out: &mut Vec<Name>) {
        if rights.covers(privilege.grants()) {
            out.push(privilege.name.clone());
        } else {
            privilege.parts.iter().for_each(|part| walk(part, rights, out));
        }
    }
    let mut names = Vec::new();
    TREES.iter().for_each(|tree| walk(tree, rights, &mut names));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(role: Role, held: &str, ace: &str) {
        let mut names = Vec::new();
        super::held(role.rights(), &mut |name| names.push(name.local().to_owned()));
        assert_eq!(names.join(" "), held, "{role:?}");
        let granted: Vec<_> = granted(role.rights()).iter().map(|name| name.local().to_owned()).collect();
        assert_eq!(granted.join(" "), ace, "{role:?}");
    }

    #[test]
    fn roles_have_the_privileges_of_the_table() {
        let everything = "all read read-free-busy read-current-user-privilege-set write bind unbind delete-own \
                          write-content edit-own write-properties unlock read-acl write-acl create-collection \
                          reshare";
        check(Role::None, "", "");
        check(Role::FreeBusy, "read-free-busy", "read-free-busy");
        check(Role::Reader, "read read-free-busy read-current-user-privilege-set", "read");
        check(Role::Dropbox, "bind", "bind");
        check(
            Role::Author,
            "read read-free-busy read-current-user-privilege-set bind delete-own edit-own",
            "read bind delete-own edit-own",
        );
        check(
            Role::Editor,
            "read read-free-busy read-current-user-privilege-set bind unbind delete-own write-content edit-own",
            "read bind unbind write-content",
        );
        check(Role::Manager, everything, "all");
        check(Role::Owner, &format!("{everything} read-private book"), "all read-private book");
    }

    #[test]
    fn an_access_list_written_back_grants_the_same() {
        for rights in (0..1_u32 << Right::ALL.len()).map(Rights).filter(|rights| rights.closed() == *rights) {
            let names = granted(rights);
            let back = names.iter().fold(Rights::NONE, |sum, name| sum.union(find(name).unwrap().grants()));
            assert_eq!(back.closed(), rights, "{}", rights.letters());
        }
    }
}
