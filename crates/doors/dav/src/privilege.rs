//! Rights as WebDAV privileges (RFC 3744 3, RFC 4791 6.1.1; features.md 6.3).
//!
//! Only for telling: what the asker may do is decided by `groupware`, each time anew.

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

/// The tree that DAV:supported-privilege-set tells, and from which the other tables follow.
pub(crate) static ALL: Privilege = Privilege {
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
                    parts: &[],
                },
                Privilege {
                    name: dav::WRITE_CONTENT,
                    description: "Change contents",
                    rights: &[Right::EditAll],
                    parts: &[],
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
    ],
};

impl Privilege {
    /// Whether whoever has `rights` has this privilege.
    pub(crate) fn held_by(&self, rights: Rights) -> bool {
        self.rights.iter().all(|right| rights.has(*right))
    }

    /// Calls `each` with every privilege of the tree that `rights` hold, the larger ones first.
    pub(crate) fn held(&self, rights: Rights, each: &mut dyn FnMut(&Name)) {
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
    pub(crate) fn find(&self, name: &Name) -> Option<&Self> {
        if self.name == *name { Some(self) } else { self.parts.iter().find_map(|part| part.find(name)) }
    }
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

/// The privileges to grant in one ACE of DAV:acl: the largest that cover what is held, none inside another.
pub(crate) fn granted(rights: Rights) -> Vec<Name> {
    fn walk(privilege: &Privilege, rights: Rights, out: &mut Vec<Name>) {
        if privilege.held_by(rights) {
            out.push(privilege.name.clone());
        } else {
            privilege.parts.iter().for_each(|part| walk(part, rights, out));
        }
    }
    let mut names = Vec::new();
    walk(&ALL, rights, &mut names);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(role: Role, held: &str, ace: &str) {
        let mut names = Vec::new();
        ALL.held(role.rights(), &mut |name| names.push(name.local().to_owned()));
        assert_eq!(names.join(" "), held, "{role:?}");
        let granted: Vec<_> = granted(role.rights()).iter().map(|name| name.local().to_owned()).collect();
        assert_eq!(granted.join(" "), ace, "{role:?}");
    }

    #[test]
    fn roles_have_the_privileges_of_the_table() {
        let everything = "all read read-free-busy read-current-user-privilege-set write bind unbind write-content \
                          write-properties unlock read-acl write-acl";
        check(Role::None, "", "");
        check(Role::FreeBusy, "read-free-busy", "read-free-busy");
        check(Role::Reader, "read read-free-busy read-current-user-privilege-set", "read");
        check(Role::Dropbox, "bind", "bind");
        check(Role::Author, "read read-free-busy read-current-user-privilege-set bind", "read bind");
        check(
            Role::Editor,
            "read read-free-busy read-current-user-privilege-set bind unbind write-content",
            "read bind unbind write-content",
        );
        check(Role::Manager, everything, "all");
        check(Role::Owner, everything, "all");
    }
}
