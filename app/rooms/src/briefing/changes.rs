//! Publishing and withdrawing.

use crate::briefing::Bulletin;
use crate::cases::views::public_counts;
use crate::refuse::{exists, invalid, missing, required};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// The leading group tells the public: a text in one language or both, and the counts of this moment in bands.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishBulletin {
    pub id: Id<Sent>,
    pub bulletin: Id<Bulletin>,
    pub territory: Territory,
    #[serde(default)]
    pub text_zh: String,
    #[serde(default)]
    pub text_en: String,
}

impl Change for PublishBulletin {
    const NAME: &'static str = "publish bulletin";
    const NEEDS: Permission = Permission::BulletinPublish;
    const BASIS: Basis = Basis::PublicInformation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.bulletin.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        if self.text_zh.trim().is_empty() && self.text_en.trim().is_empty() {
            return Err(invalid(
                "briefing.no_text",
                "text_zh",
                "a bulletin says something; write it in Chinese, in English or in both",
                "通报没有内容；请用中文、英文或两种文字填写",
            ));
        }
        if tx.count("SELECT count(*) FROM briefing_bulletin WHERE id = $1", params![self.bulletin])? > 0 {
            return Err(exists("bulletin", "通报"));
        }
        let counts: Vec<_> = public_counts(tx, &self.territory)?
            .into_iter()
            .map(|(territory, cases)| json!({ "territory": territory, "cases": cases }))
            .collect();
        tx.run(
            "INSERT INTO briefing_bulletin (id, territory, at, text_zh, text_en, counts, withdrawn) \
             VALUES ($1, $2, $3, $4, $5, $6, NULL)",
            params![
                self.bulletin,
                &self.territory,
                tx.at,
                self.text_zh.trim(),
                self.text_en.trim(),
                json!(counts).to_string()
            ],
        )?;
        Ok(())
    }
}

/// A bulletin that was wrong is taken back, with the reason; it stays on record.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawBulletin {
    pub id: Id<Sent>,
    pub bulletin: Id<Bulletin>,
    pub reason: String,
}

impl Change for WithdrawBulletin {
    const NAME: &'static str = "withdraw bulletin";
    const NEEDS: Permission = Permission::BulletinPublish;
    const BASIS: Basis = Basis::PublicInformation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        let sql = "SELECT territory FROM briefing_bulletin WHERE id = $1";
        tx.first(sql, params![self.bulletin])?.ok_or_else(|| missing("bulletin", "通报"))?.read(0)
    }
    fn about(&self) -> Vec<String> {
        vec![self.bulletin.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("reason", &self.reason)?;
        tx.run(
            "UPDATE briefing_bulletin SET withdrawn = $2 WHERE id = $1",
            params![self.bulletin, self.reason.trim()],
        )?;
        Ok(())
    }
}
