//! Values into statements, columns out of rows.

use bytes::{Bytes, BytesMut};
use kontor_model::{Error, Result};
use std::error;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// One parameter, owned, so that a statement can be on its way while the next one is made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::postgres) enum Value {
    Null,
    Int(i64),
    Text(String),
    Texts(Vec<String>),
    Ints(Vec<i64>),
    Bytes(Bytes),
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Texts(texts) => texts.to_sql(kind, out),
            Self::Ints(numbers) => numbers.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.as_ref().to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::INT8_ARRAY | Type::TEXT | Type::TEXT_ARRAY | Type::BYTEA)
    }

    to_sql_checked!();
}

/// What can be a parameter.
pub(in crate::postgres) trait ToValue {
    fn value(&self) -> Value;
}

impl ToValue for i64 {
    fn value(&self) -> Value {
        Value::Int(*self)
    }
}

impl ToValue for str {
    fn value(&self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl ToValue for String {
    fn value(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl ToValue for [u8] {
    fn value(&self) -> Value {
        Value::Bytes(Bytes::copy_from_slice(self))
    }
}

impl ToValue for Vec<u8> {
    fn value(&self) -> Value {
        self.as_slice().value()
    }
}

impl ToValue for Bytes {
    fn value(&self) -> Value {
        Value::Bytes(self.clone())
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::value)
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn value(&self) -> Value {
        (**self).value()
    }
}

/// The parameters of a statement.
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::postgres::value::ToValue::value(&$value)),*]
    };
}
pub(in crate::postgres) use values;

/// A column.
pub(in crate::postgres) fn get<'r, T: FromSql<'r>>(row: &'r Row, at: usize) -> Result<T> {
    row.try_get(at).map_err(|error| Error::Internal(format!("decode column {at}: {error}")))
}

/// A column as borrowed bytes; what is absent is empty.
pub(in crate::postgres) fn bytes(row: &Row, at: usize) -> Result<&[u8]> {
    Ok(get::<Option<&[u8]>>(row, at)?.unwrap_or_default())
}

/// A column as borrowed text.
pub(in crate::postgres) fn text(row: &Row, at: usize) -> Result<&str> {
    get(row, at)
}
