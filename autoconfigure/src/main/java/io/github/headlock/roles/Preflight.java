package io.github.headlock.roles;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;

/**
 * Checks from the facts whether roles can be blocked, and says what to do if not, before
 * anything is changed.
 */
final class Preflight {

	/** From here on altering a role takes ADMIN OPTION on it, beside CREATEROLE. */
	private static final int ADMIN_OPTION_NEEDED = 16;

	private final MigratorFacts migrator;

	private final BlockMode blockWith;

	private final boolean terminating;

	private final List<PreflightFailure> failures = new ArrayList<>();

	private Preflight(MigratorFacts migrator, BlockMode blockWith, boolean terminating) {
		this.migrator = migrator;
		this.blockWith = blockWith;
		this.terminating = terminating;
	}

	/**
	 * Finds everything that keeps the roles from being blocked.
	 * @param migrator the role that migrates
	 * @param roles the roles to block
	 * @param blockWith how new sessions are kept out
	 * @param terminating whether sessions are terminated
	 * @return the checks that failed, empty if the roles can be blocked
	 */
	static List<PreflightFailure> check(MigratorFacts migrator, List<RoleFacts> roles, BlockMode blockWith,
			boolean terminating) {
		Preflight preflight = new Preflight(migrator, blockWith, terminating);
		if (!migrator.createsTables()) {
			preflight.add(
					String.format(Locale.ROOT, "role %s may not create the table of blocked roles in schema %s",
							migrator.sqlName(), migrator.schema()),
					String.format(Locale.ROOT, "GRANT CREATE ON SCHEMA %s TO %s;", migrator.schema(),
							migrator.sqlName()));
		}
		if (terminating && !migrator.terminates()) {
			preflight.add(String.format(Locale.ROOT, "role %s may not call pg_terminate_backend", migrator.sqlName()),
					String.format(Locale.ROOT,
							"GRANT EXECUTE ON FUNCTION pg_catalog.pg_terminate_backend(integer, bigint) TO %s;",
							migrator.sqlName()));
		}
		roles.forEach(preflight::check);
		return new ArrayList<>(new LinkedHashSet<>(preflight.failures));
	}

	private void check(RoleFacts role) {
		String name = "role \"" + role.shown() + '"';
		if (!role.exists()) {
			add(name + " does not exist", "correct headlock.sessions.roles");
		}
		else if (role.migrates()) {
			add(name + " is the role that migrates", "give migrations a role of their own (spring.flyway.user and "
					+ "spring.flyway.password), or do not block this one");
		}
		else if (role.superuser()) {
			add(name + " is a superuser, which Headlock never blocks",
					String.format(Locale.ROOT, "ALTER ROLE %s NOSUPERUSER;", quoted(role)));
		}
		else {
			checkBlocking(name, role);
			checkSessions(name, role);
			if (role.preparedTransactions() > 0) {
				add(String.format(Locale.ROOT,
						"%s has %d prepared transactions, which keep their locks and cannot be terminated", name,
						role.preparedTransactions()),
						"COMMIT PREPARED or ROLLBACK PREPARED each; SELECT * FROM pg_prepared_xacts; lists them");
			}
		}
	}

	private void checkBlocking(String name, RoleFacts role) {
		if (this.blockWith == BlockMode.REVOKE_CONNECT) {
			checkRevokeConnect(name, role);
		}
		else if (role.canLogIn() && !this.migrator.superuser()) {
			checkNologin(name, role);
		}
	}

	private void checkNologin(String name, RoleFacts role) {
		String migrator = this.migrator.sqlName();
		if (!this.migrator.createRole()) {
			add(String.format(Locale.ROOT, "role %s may not alter roles", migrator),
					String.format(Locale.ROOT, "ALTER ROLE %s CREATEROLE;", migrator));
		}
		if (this.migrator.majorVersion() >= ADMIN_OPTION_NEEDED) {
			if (!role.admin()) {
				add(String.format(Locale.ROOT, "role %s may not alter %s", migrator, name), grant(role));
			}
		}
		else if (role.replication()) {
			add(String.format(Locale.ROOT, "%s has REPLICATION, so that only a superuser may alter it", name),
					String.format(Locale.ROOT, "ALTER ROLE %s NOREPLICATION;", quoted(role)));
		}
	}

	private void checkRevokeConnect(String name, RoleFacts role) {
		String database = this.migrator.database();
		if (!this.migrator.ownsDatabase()) {
			add(String.format(Locale.ROOT, "role %s does not own database %s", this.migrator.sqlName(), database),
					String.format(Locale.ROOT, "ALTER DATABASE %s OWNER TO %s;", database, this.migrator.sqlName()));
		}
		role.connectThrough().forEach((grantee) -> {
			if (grantee.equals("PUBLIC")) {
				add(String.format(Locale.ROOT, "%s would keep CONNECT on database %s through PUBLIC", name, database),
						String.format(Locale.ROOT,
								"GRANT CONNECT ON DATABASE %s TO %s, %s; REVOKE CONNECT ON DATABASE %s FROM PUBLIC;",
								database, this.migrator.sqlName(), quoted(role), database));
			}
			else {
				add(String.format(Locale.ROOT, "%s would keep CONNECT on database %s through role %s", name, database,
						grantee),
						String.format(Locale.ROOT,
								"GRANT CONNECT ON DATABASE %s TO %s; REVOKE CONNECT ON DATABASE %s FROM %s; -- and GRANT it to its other members that need it",
								database, quoted(role), database, grantee));
			}
		});
		role.connectGrantedBy()
			.forEach((grantor) -> add(
					String.format(Locale.ROOT, "%s would keep CONNECT on database %s through a grant by role %s", name,
							database, grantor),
					String.format(Locale.ROOT,
							"SET ROLE %s; REVOKE CONNECT ON DATABASE %s FROM %s; RESET ROLE; GRANT CONNECT ON DATABASE %s TO %s;",
							grantor, database, quoted(role), database, quoted(role))));
		if (role.connectGrantable()) {
			add(String.format(Locale.ROOT, "%s holds CONNECT on database %s with the right to grant it to others", name,
					database),
					String.format(Locale.ROOT, "REVOKE GRANT OPTION FOR CONNECT ON DATABASE %s FROM %s CASCADE;",
							database, quoted(role)));
		}
	}

	private void checkSessions(String name, RoleFacts role) {
		if (role.privileges()) {
			return;
		}
		if (!this.migrator.readsStatistics()) {
			add(String.format(Locale.ROOT, "role %s may not see the sessions of %s", this.migrator.sqlName(), name),
					grant(role));
		}
		if (this.terminating && !this.migrator.signalsBackends()) {
			add(String.format(Locale.ROOT, "role %s may not terminate the sessions of %s", this.migrator.sqlName(),
					name), grant(role));
		}
	}

	/** One grant covers altering the role, seeing its sessions and terminating them. */
	private String grant(RoleFacts role) {
		String grant = String.format(Locale.ROOT, "GRANT %s TO %s", quoted(role), this.migrator.sqlName());
		if (this.migrator.majorVersion() >= ADMIN_OPTION_NEEDED) {
			return grant + " WITH ADMIN TRUE, INHERIT TRUE;";
		}
		return this.migrator.inherits() ? grant + ";"
				: grant + String.format(Locale.ROOT, "; ALTER ROLE %s INHERIT;", this.migrator.sqlName());
	}

	private void add(String problem, String remedy) {
		this.failures.add(new PreflightFailure(problem, remedy));
	}

	private static String quoted(RoleFacts role) {
		return '"' + role.name().replace("\"", "\"\"") + '"';
	}

}
