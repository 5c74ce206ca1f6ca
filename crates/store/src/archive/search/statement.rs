//! One statement for one page of results.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseBackend, EntityTrait, IntoSimpleExpr, Iterable,
    JoinType, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, IntoColumnRef, IntoTableRef, Order, SelectStatement, SimpleExpr},
};

use super::{
    Search,
    condition::Asking,
    lead::{Lead, Root},
};
use crate::{
    TenantRead,
    entity::{instance, name_part, patient, series, study},
};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Study,
    Series,
    Instance,
}

/// A table of the statement, in the order in which they may be joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Part,
    Patient,
    Study,
    Series,
    Instance,
}

impl TenantRead {
    pub(super) fn statement(&self, search: &Search, level: Level) -> SelectStatement {
        let lead = Lead::of(search);
        let dialect = self.conn.get_database_backend();
        let asking = Asking {
            dialect,
            tenant: self.tenant().uuid(),
            has_series: level > Level::Study,
        };
        let tables = tables(&lead, level);
        let mut select = self.from(tables[0]);
        for at in 1..tables.len() {
            let on = on(&tables[..at], tables[at]).add(of_tenant(tables[at], asking.tenant));
            match dialect {
                // SQLite guesses without having counted; tables that are joined this way it takes in their order.
                DatabaseBackend::Sqlite => select.cross_join(table_ref(tables[at])).cond_where(on),
                _ => select.join(JoinType::InnerJoin, table_ref(tables[at]), on),
            };
        }
        if let Lead::Names(kind, pattern) = &lead {
            select.cond_where(asking.is_first_part(*kind, pattern));
        }
        select.cond_where(asking.condition(search, &lead));
        for (column, order) in order(&lead, level) {
            select.order_by_expr(column, order);
        }
        select.offset(search.offset).limit(search.limit);
        select
    }

    /// Starts from a table, through the tenant's door.
    fn from(&self, table: Table) -> SelectStatement {
        match table {
            Table::Part => self.find::<name_part::Entity>().select_only().into_query(),
            Table::Patient => self.find::<patient::Entity>().select_only().into_query(),
            Table::Study => self.find::<study::Entity>().select_only().into_query(),
            Table::Series => self.find::<series::Entity>().select_only().into_query(),
            Table::Instance => self.find::<instance::Entity>().select_only().into_query(),
        }
    }
}

/// The tables in the order in which they are walked: each is found from one before it.
fn tables(lead: &Lead, level: Level) -> Vec<Table> {
    use Table::{Instance, Part, Patient, Series, Study};
    let all: &[Table] = match lead {
        Lead::Names(..) => &[Part, Patient, Study, Series, Instance],
        Lead::PatientIds | Lead::Few(Root::Patient) => &[Patient, Study, Series, Instance],
        Lead::Few(Root::Series) => &[Series, Study, Patient, Instance],
        Lead::Few(Root::Step) if level > Level::Study => &[Series, Study, Patient, Instance],
        Lead::Few(Root::Instance) => &[Instance, Series, Study, Patient],
        Lead::Dates | Lead::Arrival | Lead::Few(Root::Study | Root::Step) => {
            &[Study, Patient, Series, Instance]
        }
    };
    let is_of_level = |table: &&Table| match table {
        Series => level >= Level::Series,
        Instance => level >= Level::Instance,
        Part | Patient | Study => true,
    };
    all.iter().filter(is_of_level).copied().collect()
}

/// How a table is tied to the ones before it.
fn on(before: &[Table], table: Table) -> Condition {
    let mut all = Condition::all();
    for earlier in before {
        let tie = match (earlier, table) {
            (Table::Part, Table::Patient) | (Table::Patient, Table::Part) => Some((
                (name_part::Entity, name_part::Column::OwnerId).into_column_ref(),
                (patient::Entity, patient::Column::Id).into_column_ref(),
            )),
            (Table::Patient, Table::Study) | (Table::Study, Table::Patient) => Some((
                (study::Entity, study::Column::PatientId).into_column_ref(),
                (patient::Entity, patient::Column::Id).into_column_ref(),
            )),
            (Table::Study, Table::Series) | (Table::Series, Table::Study) => Some((
                (series::Entity, series::Column::StudyId).into_column_ref(),
                (study::Entity, study::Column::Id).into_column_ref(),
            )),
            (Table::Series, Table::Instance) | (Table::Instance, Table::Series) => Some((
                (instance::Entity, instance::Column::SeriesId).into_column_ref(),
                (series::Entity, series::Column::Id).into_column_ref(),
            )),
            // By the study, too: the index is in that order.
            (Table::Study, Table::Instance) => Some((
                (instance::Entity, instance::Column::StudyId).into_column_ref(),
                (study::Entity, study::Column::Id).into_column_ref(),
            )),
            _ => None,
        };
        if let Some((one, other)) = tie {
            all = all.add(Expr::col(one).equals(other));
        }
    }
    all
}

fn of_tenant(table: Table, tenant: uuid::Uuid) -> SimpleExpr {
    match table {
        Table::Part => name_part::Column::TenantId.eq(tenant),
        Table::Patient => patient::Column::TenantId.eq(tenant),
        Table::Study => study::Column::TenantId.eq(tenant),
        Table::Series => series::Column::TenantId.eq(tenant),
        Table::Instance => instance::Column::TenantId.eq(tenant),
    }
}

fn table_ref(table: Table) -> sea_orm::sea_query::TableRef {
    match table {
        Table::Part => name_part::Entity.into_table_ref(),
        Table::Patient => patient::Entity.into_table_ref(),
        Table::Study => study::Entity.into_table_ref(),
        Table::Series => series::Entity.into_table_ref(),
        Table::Instance => instance::Entity.into_table_ref(),
    }
}

fn order(lead: &Lead, level: Level) -> Vec<(SimpleExpr, Order)> {
    let mut order = match lead {
        Lead::Names(..) => vec![
            (name_part::Column::Part.into_simple_expr(), Order::Asc),
            (name_part::Column::OwnerId.into_simple_expr(), Order::Asc),
        ],
        Lead::PatientIds => vec![
            (patient::Column::PatientId.into_simple_expr(), Order::Asc),
            (patient::Column::Id.into_simple_expr(), Order::Asc),
        ],
        Lead::Dates => vec![(study::Column::StudyDate.into_simple_expr(), Order::Desc)],
        // No index has this order: what is few is found first and then sorted.
        Lead::Few(_) => vec![(study::Column::CreatedAt.into_simple_expr(), Order::Desc)],
        Lead::Arrival => Vec::new(),
    };
    order.push((study::Column::Id.into_simple_expr(), Order::Desc));
    match level {
        Level::Study => {}
        Level::Series => order.extend([
            (series::Column::SeriesNumber.into_simple_expr(), Order::Asc),
            (series::Column::Id.into_simple_expr(), Order::Asc),
        ]),
        Level::Instance => order.extend([
            (series::Column::SeriesNumber.into_simple_expr(), Order::Asc),
            (series::Column::Id.into_simple_expr(), Order::Asc),
            (instance::Column::InstanceNumber.into_simple_expr(), Order::Asc),
            (instance::Column::Id.into_simple_expr(), Order::Asc),
        ]),
    }
    order
}

/// Every column of a table, for its model.
pub(super) fn all_columns<E: EntityTrait>(select: &mut SelectStatement) {
    for column in E::Column::iter() {
        select.expr(column.into_simple_expr());
    }
}
