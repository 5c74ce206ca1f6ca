//! Tenants with people and keys, made on the command line as an operator does.

use crate::{Client, Telerad};

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
}

/// A tenant with two facilities, one person of each role and one key of everything.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its name in addresses.
    pub slug: String,
    /// The id of the first facility.
    pub facility: String,
    /// The id of the second facility.
    pub other_facility: String,
    /// Works at the first facility.
    pub staff: Person,
    /// Works at the second facility.
    pub other_staff: Person,
    /// Reads.
    pub radiologist: Person,
    /// Administers.
    pub admin: Person,
    /// All scopes, for the first facility.
    pub api_key: String,
}

impl Telerad {
    /// Founds a tenant of this slug with everything in it.
    pub fn found_tenant(&self, slug: &str) -> anyhow::Result<Tenant> {
        let named = |what: &str| format!("{what} {slug}");
        self.run(&["admin", "create-tenant", slug, &named("Tenant")], "")?;
        let facility = self.found_facility(slug, "ONE")?;
        let other_facility = self.found_facility(slug, "TWO")?;
        let person = |role: &str, name: &str, more: &[&str]| self.add_person(slug, role, name, more);
        let keyed = [
            "admin",
            "create-api-key",
            "--tenant",
            slug,
            "--name",
            "Gateway",
            "--facility",
            "ONE",
            "--scope",
            "STUDIES_READ",
            "--scope",
            "STUDIES_WRITE",
            "--scope",
            "CASES_READ",
        ];
        Ok(Tenant {
            slug: slug.to_owned(),
            facility,
            other_facility,
            staff: person("FACILITY_STAFF", "staff", &["--facility", "ONE"])?,
            other_staff: person("FACILITY_STAFF", "other-staff", &["--facility", "TWO"])?,
            radiologist: person("RADIOLOGIST", "reader", &[])?,
            admin: person("TENANT_ADMIN", "admin", &[])?,
            api_key: self.run(&keyed, "")?,
        })
    }

    /// Makes one more reader of a tenant.
    pub fn add_reader(&self, slug: &str, name: &str) -> anyhow::Result<Person> {
        self.add_person(slug, "RADIOLOGIST", name, &[])
    }

    /// Makes an operator of the platform.
    pub fn add_operator(&self) -> anyhow::Result<Person> {
        let email = "operator@platform.example".to_owned();
        let arguments = [
            "admin",
            "create-user",
            "--email",
            &email,
            "--name",
            "Olga Operator",
            "--role",
            "OPERATOR",
        ];
        self.run(&arguments, PASSWORD)?;
        Ok(Person {
            email,
            password: PASSWORD.to_owned(),
        })
    }

    fn found_facility(&self, slug: &str, code: &str) -> anyhow::Result<String> {
        let name = format!("Facility {code}");
        self.run(
            &[
                "admin",
                "create-facility",
                "--tenant",
                slug,
                "--code",
                code,
                "--name",
                &name,
            ],
            "",
        )
    }

    fn add_person(&self, slug: &str, role: &str, name: &str, more: &[&str]) -> anyhow::Result<Person> {
        let email = format!("{name}@{slug}.example");
        let mut arguments = vec![
            "admin",
            "create-user",
            "--tenant",
            slug,
            "--role",
            role,
            "--email",
            &email,
            "--name",
            name,
        ];
        arguments.extend(more);
        self.run(&arguments, PASSWORD)?;
        Ok(Person {
            email,
            password: PASSWORD.to_owned(),
        })
    }

    /// A client that presents nothing.
    pub fn anonymous(&self) -> Client {
        Client::new(self.base_url(), None)
    }

    /// A client with a machine's key.
    pub fn with_key(&self, tenant: &Tenant) -> Client {
        Client::new(self.base_url(), Some(tenant.api_key.clone()))
    }

    /// A client of a person, signed in.
    pub async fn signed_in(&self, person: &Person) -> anyhow::Result<Client> {
        let token = self.anonymous().sign_in(person).await?;
        Ok(Client::new(self.base_url(), Some(token)))
    }
}

const PASSWORD: &str = "a sentence is a good password";
