package io.github.headlock.sample.demo;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

import io.github.headlock.testbed.MigrationRoles;

/**
 * The two database roles of a rollout in which a Job migrates: the migrator's, which owns
 * the tables, and the pods', which may read them, the history table among them, and not
 * change the schema.
 *
 * @param database the database
 */
record DemoRoles(DemoDatabase database) {

	private static final MigrationRoles ROLES = new MigrationRoles("parcels_migrator", "parcels_application");

	static DemoRoles create(DemoServer server, DemoDatabase database) {
		try (Connection connection = database.server().connect(database.name())) {
			ROLES.create(connection);
			ROLES.allowCreating(connection);
			ROLES.allowReading(connection);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		server.allow(ROLES.migrator());
		server.allow(ROLES.application());
		return new DemoRoles(database);
	}

	/** How a pod connects. */
	List<String> application() {
		return List.of("--spring.datasource.url=" + this.database.url(),
				"--spring.datasource.username=" + ROLES.application(), "--spring.datasource.password=");
	}

	/** How Flyway connects, if it does: straight, not through a pooler. */
	List<String> migrator() {
		return List.of("--spring.flyway.url=" + this.database.directUrl(), "--spring.flyway.user=" + ROLES.migrator(),
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
								+ "WHERE table_name = 'flyway_schema_history' AND grantee = '" + ROLES.application()
								+ "'")),
				Check.equal("third rollout: schemas in which it may create tables", 0,
						this.database.number("SELECT count(*) FROM pg_namespace WHERE has_schema_privilege('"
								+ ROLES.application() + "', oid, 'CREATE')")));
	}

}
