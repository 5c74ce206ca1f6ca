//! Every operation × (nobody, the wrong role, another facility, another tenant).
//!
//! The tables name every operation of the schema and every route of the published list; one that is missing
//! here fails the test, so nothing reaches the outside without its row.

mod graphql;
mod routes;
mod scene;

use telerad_tests::Backend;

use scene::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn no_graphql_operation_opens_to_the_wrong_caller() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let scene = Scene::set(backend).await?;
        graphql::every_operation_has_a_row(&scene)?;
        let before = scene.state_of_the_case().await?;
        graphql::nobody_is_let_in(&scene).await?;
        graphql::wrong_roles_are_refused(&scene).await?;
        graphql::another_tenant_sees_nothing(&scene).await?;
        graphql::another_facility_sees_nothing(&scene).await?;
        assert_eq!(
            scene.state_of_the_case().await?,
            before,
            "{backend:?}: something changed on the way"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_opens_to_the_wrong_caller() -> anyhow::Result<()> {
    let scene = Scene::set(Backend::Sqlite).await?;
    let published = routes::every_route_has_a_row(&scene).await?;
    routes::nobody_is_let_in(&scene, &published).await?;
    routes::another_tenant_finds_nothing(&scene, &published).await
}
