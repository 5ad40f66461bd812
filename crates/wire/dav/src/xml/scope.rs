//! Namespace declarations and the language in force at an element.

use std::sync::Arc;

use crate::name::{Namespace, ns};

/// What an element inherits and declares. A chain: each link holds only what its own element says.
#[derive(Default)]
pub(crate) struct Scope {
    parent: Option<Arc<Scope>>,
    declared: Vec<(Arc<str>, Namespace)>,
    lang: Option<Arc<str>>,
    count: usize,
}

impl Scope {
    pub(crate) fn inside(
        parent: &Arc<Scope>,
        declared: Vec<(Arc<str>, Namespace)>,
        lang: Option<Arc<str>>,
    ) -> Arc<Scope> {
        if declared.is_empty() && lang.is_none() {
            return Arc::clone(parent);
        }
        let count = parent.count + declared.len();
        let lang = lang.or_else(|| parent.lang.clone());
        Arc::new(Scope { parent: Some(Arc::clone(parent)), declared, lang, count })
    }

    /// Declarations from here to the root.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// `xml:lang` in force; `Some("")` when it was taken back.
    pub(crate) fn lang(&self) -> Option<&str> {
        self.lang.as_deref()
    }

    /// The prefix, shared, and the namespace it stands for here. An empty prefix asks for the default namespace.
    pub(crate) fn resolve(&self, prefix: &str) -> Option<(Arc<str>, Namespace)> {
        if prefix == "xml" {
            return Some(("xml".into(), Namespace::known(ns::XML)));
        }
        let mut link = Some(self);
        while let Some(scope) = link {
            if let Some((prefix, uri)) = scope.declared.iter().find(|(known, _)| **known == *prefix) {
                return Some((Arc::clone(prefix), uri.clone()));
            }
            link = scope.parent.as_deref();
        }
        None
    }
}
