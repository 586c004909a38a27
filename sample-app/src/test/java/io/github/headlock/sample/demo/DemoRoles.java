package io.github.headlock.sample.demo;

import java.util.List;

/**
 * The two database roles of a rollout in which a Job migrates: the migrator's, which owns
 * the tables, and the pods', which may read them, the history table among them, and not
 * change the schema.
 *
 * @param database the database
 */
record DemoRoles(DemoDatabase database) {

	private static final String MIGRATOR = "parcels_migrator";

	private static final String APPLICATION = "parcels_application";

	static DemoRoles create(DemoServer server, DemoDatabase database) {
		for (String role : List.of(MIGRATOR, APPLICATION)) {
			database.execute("CREATE ROLE " + role + " LOGIN");
			server.allow(role);
		}
		database.execute("GRANT CREATE ON SCHEMA public TO " + MIGRATOR);
		database.execute("ALTER DEFAULT PRIVILEGES FOR ROLE " + MIGRATOR
				+ " IN SCHEMA public GRANT SELECT ON TABLES TO " + APPLICATION);
		return new DemoRoles(database);
	}

	/** How a pod connects. */
	List<String> application() {
		return List.of("--spring.datasource.url=" + this.database.url(), "--spring.datasource.username=" + APPLICATION,
				"--spring.datasource.password=");
	}

	/** How Flyway connects, if it does: straight, not through a pooler. */
	List<String> migrator() {
		return List.of("--spring.flyway.url=" + this.database.directUrl(), "--spring.flyway.user=" + MIGRATOR,
				"--spring.flyway.password=");
	}

	/** Asks the database what the Job left, and what the pods were allowed to do. */
	List<Check> check(int migrations) {
		if (this.database.number("SELECT count(to_regclass('flyway_schema_history'))") == 0) {
			return List.of();
		}
		return List.of(
				Check.equal("third rollout: migrations recorded as successful", migrations,
						this.database.number("SELECT count(DISTINCT script) FROM flyway_schema_history WHERE success")),
				Check.equal("third rollout: rows in the history", migrations,
						this.database.number("SELECT count(*) FROM flyway_schema_history")),
				Check.equal("third rollout: what the pods' role may do with the history", List.of("SELECT"),
						this.database.list("SELECT privilege_type FROM information_schema.role_table_grants "
								+ "WHERE table_name = 'flyway_schema_history' AND grantee = '" + APPLICATION + "'")),
				Check.equal("third rollout: schemas in which it may create tables", 0,
						this.database.number("SELECT count(*) FROM pg_namespace WHERE has_schema_privilege('"
								+ APPLICATION + "', oid, 'CREATE')")));
	}

}
