//! Values and rows as both engines understand them: whole numbers, real numbers, text, bytes and typed absence.

use crate::{Error, Result};
use base::{Day, Id, Moment, Named, Territory};
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

macro_rules! from {
    ($($type:ty => $make:expr),+ $(,)?) => { $(
        impl From<$type> for Value {
            fn from(value: $type) -> Value { ($make)(value) }
        }
    )+ };
}
from! {
    i64 => Value::Int,
    i32 => |v| Value::Int(i64::from(v)),
    u32 => |v| Value::Int(i64::from(v)),
    u64 => |v: u64| Value::Int(i64::try_from(v).unwrap_or(i64::MAX)),
    usize => |v: usize| Value::Int(i64::try_from(v).unwrap_or(i64::MAX)),
    bool => |v| Value::Int(i64::from(v)),
    f64 => Value::Real,
    &str => |v: &str| Value::Text(v.to_owned()),
    String => Value::Text,
    &String => |v: &String| Value::Text(v.clone()),
    Vec<u8> => Value::Bytes,
    Day => |v: Day| Value::Text(v.to_string()),
    Moment => |v: Moment| Value::Int(v.0),
    &Territory => |v: &Territory| Value::Text(v.path().to_owned()),
    Territory => |v: Territory| Value::Text(v.into()),
}

impl<T: Named> From<Id<T>> for Value {
    fn from(id: Id<T>) -> Value {
        Value::Text(id.to_string())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

/// `params![a, b]`: the values of `$1`, `$2`, ….
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*] };
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(v) => ValueRef::Integer(*v),
            Value::Real(v) => ValueRef::Real(*v),
            Value::Text(v) => ValueRef::Text(v.as_bytes()),
            Value::Bytes(v) => ValueRef::Blob(v),
        }))
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(v) if *ty == Type::FLOAT8 => (*v as f64).to_sql(ty, out),
            Value::Int(v) if *ty == Type::INT4 => i32::try_from(*v)?.to_sql(ty, out),
            Value::Int(v) => v.to_sql(ty, out),
            Value::Real(v) => v.to_sql(ty, out),
            Value::Text(v) => v.to_sql(ty, out),
            Value::Bytes(v) => v.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(
            *ty,
            Type::INT8 | Type::INT4 | Type::FLOAT8 | Type::TEXT | Type::VARCHAR | Type::BYTEA | Type::BPCHAR
        )
    }

    to_sql_checked!();
}

/// One row of an answer, by column place from 0. A getter for the wrong type is a fault of the query, not of the user.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub(crate) Vec<Value>);

impl Row {
    pub(crate) fn of_sqlite(row: &rusqlite::Row<'_>, columns: usize) -> Result<Row> {
        let mut values = Vec::with_capacity(columns);
        for at in 0..columns {
            use rusqlite::types::ValueRef;
            values.push(match row.get_ref(at)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(v) => Value::Int(v),
                ValueRef::Real(v) => Value::Real(v),
                ValueRef::Text(v) => Value::Text(String::from_utf8_lossy(v).into_owned()),
                ValueRef::Blob(v) => Value::Bytes(v.to_vec()),
            });
        }
        Ok(Row(values))
    }

    pub(crate) fn of_postgres(row: &tokio_postgres::Row) -> Result<Row> {
        let mut values = Vec::with_capacity(row.len());
        for (at, column) in row.columns().iter().enumerate() {
            let value = match *column.type_() {
                Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map(Value::Int),
                Type::INT4 => row.try_get::<_, Option<i32>>(at)?.map(|v| Value::Int(i64::from(v))),
                Type::FLOAT8 => row.try_get::<_, Option<f64>>(at)?.map(Value::Real),
                Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.map(Value::Bytes),
                Type::BOOL => row.try_get::<_, Option<bool>>(at)?.map(|v| Value::Int(i64::from(v))),
                Type::NUMERIC => return Err(Error::Shape("a numeric sum; cast it to bigint".to_owned())),
                _ => row.try_get::<_, Option<String>>(at)?.map(Value::Text),
            };
            values.push(value.unwrap_or(Value::Null));
        }
        Ok(Row(values))
    }

    fn wrong(&self, at: usize, wanted: &str) -> Error {
        Error::Shape(format!("column {at} is {:?}, not {wanted}", self.0.get(at)))
    }

    pub fn int(&self, at: usize) -> Result<i64> {
        self.opt_int(at)?.ok_or_else(|| self.wrong(at, "a whole number"))
    }

    pub fn opt_int(&self, at: usize) -> Result<Option<i64>> {
        match self.0.get(at) {
            Some(Value::Int(v)) => Ok(Some(*v)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.wrong(at, "a whole number")),
        }
    }

    pub fn opt_real(&self, at: usize) -> Result<Option<f64>> {
        match self.0.get(at) {
            Some(Value::Real(v)) => Ok(Some(*v)),
            Some(Value::Int(v)) => Ok(Some(*v as f64)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.wrong(at, "a real number")),
        }
    }

    pub fn text(&self, at: usize) -> Result<String> {
        self.opt_text(at)?.ok_or_else(|| self.wrong(at, "text"))
    }

    pub fn opt_text(&self, at: usize) -> Result<Option<String>> {
        match self.0.get(at) {
            Some(Value::Text(v)) => Ok(Some(v.clone())),
            Some(Value::Null) => Ok(None),
            _ => Err(self.wrong(at, "text")),
        }
    }

    pub fn bytes(&self, at: usize) -> Result<Vec<u8>> {
        self.opt_bytes(at)?.ok_or_else(|| self.wrong(at, "bytes"))
    }

    pub fn opt_bytes(&self, at: usize) -> Result<Option<Vec<u8>>> {
        match self.0.get(at) {
            Some(Value::Bytes(v)) => Ok(Some(v.clone())),
            Some(Value::Null) => Ok(None),
            _ => Err(self.wrong(at, "bytes")),
        }
    }

    /// Text that must read as a day, an id, a territory or a closed word; a row that does not is a damaged row.
    pub fn read<T: std::str::FromStr>(&self, at: usize) -> Result<T>
    where
        T::Err: std::fmt::Display,
    {
        self.text(at)?.parse().map_err(|fault: T::Err| Error::Shape(format!("column {at}: {fault}")))
    }

    pub fn opt_read<T: std::str::FromStr>(&self, at: usize) -> Result<Option<T>>
    where
        T::Err: std::fmt::Display,
    {
        self.opt_text(at)?
            .map(|text| text.parse().map_err(|fault: T::Err| Error::Shape(format!("column {at}: {fault}"))))
            .transpose()
    }

    pub fn json<T: serde::de::DeserializeOwned>(&self, at: usize) -> Result<T> {
        serde_json::from_str(&self.text(at)?).map_err(|fault| Error::Shape(format!("column {at}: {fault}")))
    }
}
