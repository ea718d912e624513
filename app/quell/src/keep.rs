//! The operator's commands: accounts when nobody can sign in.

use crate::open::{database, operator_now};
use crate::place::PlaceArgs;
use base::{Id, Territory};
use clap::{Args, Subcommand};
use rooms::access::changes::{CreateAccount, ResetPassword, ResetSecondFactor};
use rooms::access::{account_by_login, accounts, hash_password, invent_password};
use store::{Actor, random_bits};

#[derive(Subcommand)]
pub enum AccountCommand {
    /// Who has an account
    List(PlaceArgs),
    /// A new account; its password is printed once
    Create(NewAccount),
    /// A new password for an account, printed once; or no second factor any more
    Reset(Reset),
}

#[derive(Args)]
pub struct NewAccount {
    login: String,
    /// One of the role pack, such as epidemiologist
    #[arg(long)]
    role: String,
    #[arg(long, default_value = "")]
    territory: Territory,
    #[arg(long)]
    name: Option<String>,
    /// The organisation that answers for the person
    #[arg(long)]
    organisation: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Args)]
pub struct Reset {
    login: String,
    /// Take the second factor away instead; the password stays
    #[arg(long)]
    second_factor: bool,
    #[command(flatten)]
    place: PlaceArgs,
}

impl AccountCommand {
    pub fn run(self) -> Result<(), String> {
        match self {
            AccountCommand::List(place) => list(&place),
            AccountCommand::Create(new) => create(new),
            AccountCommand::Reset(reset) => reset_password(&reset),
        }
    }
}

fn list(place: &PlaceArgs) -> Result<(), String> {
    let rows = database(place)?
        .read_now(|reader| accounts(reader, &Territory::whole()))
        .map_err(|fault| fault.to_string())?;
    for account in rows {
        let state = if account.disabled { "disabled" } else { "" };
        let organisation = account.organisation.unwrap_or_default();
        let line = format!(
            "{:<24} {:<16} {:<20} {state:<8} {organisation}",
            account.login,
            account.role,
            account.territory.path()
        );
        println!("{}", line.trim_end());
    }
    Ok(())
}

fn create(new: NewAccount) -> Result<(), String> {
    if rooms::packed::roles().role(&new.role).is_none() {
        let known: Vec<&str> = rooms::packed::roles().roles.iter().map(|role| role.id.as_str()).collect();
        return Err(format!("there is no role `{}`; use one of: {}", new.role, known.join(", ")));
    }
    let password = invent_password();
    let change = CreateAccount {
        id: Id::from_bits(random_bits()),
        account: Id::from_bits(random_bits()),
        name: new.name.unwrap_or_else(|| new.login.clone()),
        login: new.login,
        role: new.role,
        territory: new.territory,
        organisation: new.organisation,
        password_hash: hash_password(&password).map_err(|fault| fault.to_string())?,
    };
    let db = database(&new.place)?;
    db.apply_now(&Actor::operator(), operator_now(), change).map_err(|fault| fault.to_string())?;
    println!("{password}");
    Ok(())
}

fn reset_password(reset: &Reset) -> Result<(), String> {
    let db = database(&reset.place)?;
    let login = reset.login.clone();
    let account =
        db.read_now(move |reader| account_by_login(reader, &login)).map_err(|fault| fault.to_string())?;
    let account = account
        .ok_or_else(|| format!("nobody has the login `{}`; `quell account list` shows all", reset.login))?;
    if reset.second_factor {
        let change = ResetSecondFactor { id: Id::from_bits(random_bits()), account: account.id };
        db.apply_now(&Actor::operator(), operator_now(), change).map_err(|fault| fault.to_string())?;
        println!("{} signs in with the password alone until they enrol again", reset.login);
        return Ok(());
    }
    let password = invent_password();
    let change = ResetPassword {
        id: Id::from_bits(random_bits()),
        account: account.id,
        password_hash: hash_password(&password).map_err(|fault| fault.to_string())?,
    };
    db.apply_now(&Actor::operator(), operator_now(), change).map_err(|fault| fault.to_string())?;
    println!("{password}");
    Ok(())
}
