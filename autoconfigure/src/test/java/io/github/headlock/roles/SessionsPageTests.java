package io.github.headlock.roles;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;

import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every SQL statement of the documentation's page on sessions, executed.
 */
@Tag("every-postgresql")
class SessionsPageTests {

	private static final Path PAGE = Path.of("..", "docs", "sessions.md");

	private final TestDatabase database = TestDatabase.create();

	private final String migrator = "shop_migrator_" + this.database.name();

	private final String application = "shop_" + this.database.name();

	private final List<String> blocks = blocks();

	SessionsPageTests() throws IOException {
		this.database.execute("CREATE ROLE %s LOGIN".formatted(this.migrator),
				"CREATE ROLE %s LOGIN".formatted(this.application),
				"GRANT CREATE ON SCHEMA public TO %s".formatted(this.migrator));
	}

	private List<String> blocks() throws IOException {
		return Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL)
			.matcher(Files.readString(PAGE))
			.results()
			.map((result) -> result.group(1)
				.replaceAll("\\bDATABASE shop\\b", "DATABASE " + this.database.name())
				.replaceAll("\\bshop_migrator\\b", this.migrator)
				.replaceAll("\\bshop\\b", this.application))
			.toList();
	}

	@Test
	void thePrivilegesAreEnough() throws Exception {
		String[] versions = this.blocks.get(0).split("-- PostgreSQL .*\n", -1);
		this.database.execute(versions[(this.database.majorVersion() >= 16) ? 1 : 2]);
		try (Connection session = connectAsApplication()) {
			assertTerminates(replica(), session);
		}
	}

	@Test
	void thePrivilegesForOneDatabaseOnlyAreEnough() throws Exception {
		this.database.execute("ALTER DATABASE %s OWNER TO %s".formatted(this.database.name(), this.migrator),
				"GRANT %s TO %s".formatted(this.application, this.migrator), this.blocks.get(1));
		try (Connection session = connectAsApplication()) {
			assertTerminates(replica().with("headlock.sessions.block-with", "revoke-connect"), session);
		}
		connectAsApplication().close();
	}

	@Test
	void whoIsBlockedCanBeSeenAndRepairedByHand() throws Exception {
		this.database.execute("ALTER ROLE %s SUPERUSER".formatted(this.migrator));
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background
				.start(() -> replica().with("spring.flyway.locations", "classpath:db/gated").startAndStop());
			this.database.awaitMigrationAtTheGate();
			assertThat(this.database.list(this.blocks.get(2))).containsExactly(this.application);
			assertThat(this.database.list(this.blocks.get(3))).hasSizeGreaterThanOrEqualTo(1);
			this.database.execute(this.blocks.get(4));
			connectAsApplication().close();
			gate.rollback();
			start.result();
		}
		assertThat(this.blocks).hasSize(5);
	}

	private Connection connectAsApplication() throws Exception {
		return DriverManager.getConnection(this.database.url(), this.application, "");
	}

	/** The session that asked for the role's name may still be leaving then. */
	private static void assertTerminates(Replica replica, Connection session) throws SQLException {
		assertThat(replica.startAndStop().terminatedSessions()).isPositive();
		assertThat(session.isValid(0)).isFalse();
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "basic")
			.with("spring.datasource.username", this.application)
			.with("spring.flyway.url", this.database.url())
			.with("spring.flyway.user", this.migrator)
			.with("spring.flyway.password", "")
			.with("headlock.terminate-db-sessions", true);
	}

}
