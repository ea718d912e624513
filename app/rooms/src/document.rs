//! The API's own document (OpenAPI 3.1), put together from the types that the routes read. Each room describes its routes
//! beside them; a test compares this list with the routes there are.
//!
//! Deliberately absent: the shape of answers. They are JSON objects whose fields the pages' contract names; what an
//! integrator sends must be right to the letter, what they read may have grown a field since.

use crate::{App, Door};
use axum::routing::get;
use axum::{Json, Router};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

pub(crate) struct Document {
    schemas: SchemaGenerator,
    paths: Map<String, Value>,
}

/// One route, being described.
pub(crate) struct Described<'a> {
    document: &'a mut Document,
    method: String,
    path: String,
}

pub(crate) fn router() -> Router<App> {
    Router::new().route("/api/openapi.json", get(document))
}

/// Everybody may read how to ask; whether they may is decided when they do.
async fn document() -> Json<&'static Value> {
    static TOLD: OnceLock<Value> = OnceLock::new();
    Json(TOLD.get_or_init(openapi))
}

/// The whole document.
pub fn openapi() -> Value {
    let mut api = Document::new();
    crate::access::http::described(&mut api);
    crate::regions::http::described(&mut api);
    crate::cases::http::described(&mut api);
    crate::people::http::described(&mut api);
    crate::imports::http::described(&mut api);
    crate::briefing::http::described(&mut api);
    crate::tasks::http::described(&mut api);
    crate::entry::http::described(&mut api);
    crate::surveillance::http::described(&mut api);
    crate::trace::http::described(&mut api);
    crate::trace::fence::http::described(&mut api);
    crate::trace::sources_http::described(&mut api);
    crate::lab::http::described(&mut api);
    crate::followup::http::described(&mut api);
    crate::control::http::described(&mut api);
    crate::control::restrictions::http::described(&mut api);
    crate::control::measures::http::described(&mut api);
    crate::control::permits::http::described(&mut api);
    crate::backups::described(&mut api);
    crate::journal::http::described(&mut api);
    crate::live::described(&mut api);
    crate::load::http::described(&mut api);
    crate::changes_door::described(&mut api);
    api.route("GET", "/api/openapi.json");
    api.finish()
}

impl Document {
    fn new() -> Document {
        // References point to where OpenAPI keeps its schemas.
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Document { schemas: settings.into_generator(), paths: Map::new() }
    }

    pub fn route(&mut self, method: &str, path: &str) -> Described<'_> {
        let places: Vec<Value> = path
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next())
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
            .collect();
        let refused = json!({ "$ref": "#/components/responses/Refused" });
        let operation = json!({
            "operationId": format!("{} {path}", method.to_lowercase()),
            "parameters": places,
            "responses": { "2XX": { "description": "done, or what was asked for" }, "4XX": refused,
                           "503": { "description": "busy; come again after Retry-After" } },
        });
        let at = self.paths.entry(path).or_insert_with(|| json!({}));
        at[method.to_lowercase()] = operation;
        Described { document: self, method: method.to_lowercase(), path: path.to_owned() }
    }

    pub fn change<C: JsonSchema>(&mut self, door: Door) {
        let path = format!("/api/changes/{}", door.name.replace(' ', "-"));
        self.route("POST", &path).body::<C>();
        let told = format!("{}; needs {}, rests on {}", door.name, door.needs, door.basis);
        self.paths[&path]["post"]["summary"] = json!(told);
    }

    fn finish(mut self) -> Value {
        json!({
            "openapi": "3.1.0",
            "info": { "title": "Quell", "version": env!("CARGO_PKG_VERSION"), "license": { "name": "Apache-2.0" } },
            "paths": self.paths,
            "components": {
                "schemas": self.schemas.take_definitions(true),
                "responses": { "Refused": {
                    "description": "refused, in words that end with what to do",
                    "content": { "application/json": { "schema": {
                        "type": "object", "required": ["code", "en", "zh"],
                        "properties": {
                            "code": { "type": "string", "description": "stable; never reused for something else" },
                            "en": { "type": "string" }, "zh": { "type": "string" },
                            "field": { "type": ["string", "null"] },
                        },
                    } } },
                } },
                "securitySchemes": {
                    "session": { "type": "apiKey", "in": "cookie", "name": "quell",
                                 "description": "with the page's token in x-quell-csrf on every write" },
                    "token": { "type": "http", "scheme": "bearer" },
                },
            },
            "security": [{ "session": [] }, { "token": [] }],
        })
    }
}

impl Described<'_> {
    /// The fields of the query, each on its own.
    pub fn query<Q: JsonSchema>(self) -> Self {
        let schema = self.document.schemas.root_schema_for::<Q>();
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let parameters: Vec<Value> = fields
            .map(|(name, schema)| {
                json!({ "name": name, "in": "query", "required": required.contains(&name.as_str()), "schema": schema })
            })
            .collect();
        if let Some(known) = self.document.paths[&self.path][&self.method]["parameters"].as_array_mut() {
            known.extend(parameters);
        }
        self
    }

    pub fn body<B: JsonSchema>(self) -> Self {
        let schema = self.document.schemas.subschema_for::<B>();
        self.content("application/json", schema.into())
    }

    /// JSON whose shape is the browser's business, such as a passkey's answer.
    pub fn anything(self) -> Self {
        self.content("application/json", json!({ "type": "object" }))
    }

    /// Any bytes: a list, a layer.
    pub fn file(self) -> Self {
        self.content("application/octet-stream", json!({ "type": "string", "format": "binary" }))
    }

    fn content(self, kind: &str, schema: Value) -> Self {
        self.document.paths[&self.path][&self.method]["requestBody"] =
            json!({ "required": true, "content": { kind: { "schema": schema } } });
        self
    }
}
