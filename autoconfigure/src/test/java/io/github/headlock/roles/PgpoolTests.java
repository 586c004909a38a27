package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.DocumentationPage;
import io.github.headlock.test.DocumentationPage.Section;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.Pgpool;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * pgpool-II, which may take a terminated session for a server that shuts down: between
 * migrations and the server, and between the application and the server.
 */
class PgpoolTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final AtomicInteger queries = new AtomicInteger();

	private volatile boolean stopped;

	@Test
	void terminatingThroughItIsRefusedBeforeAnythingIsChanged() throws Exception {
		try (Pgpool pgpool = this.database.pgpool("failover_on_backend_shutdown = on");
				Connection session = connect(pgpool)) {
			assertThatThrownBy(() -> blockingReplica(pgpool).startAndStop()).cause()
				.isInstanceOfSatisfying(RolesNotBlockableException.class, (ex) -> {
					assertThat(ex.getExitCode()).isEqualTo(12);
					assertThat(ex).hasMessageContaining("migrations go through pgpool-II, which may take a terminated "
							+ "session for a server that shuts down");
					assertThat(ex.getAction()).contains("spring.flyway.url", "headlock.terminate-db-sessions=false",
							"failover_on_backend_shutdown=off");
				});
			assertThat(session.isValid(0)).isTrue();
			assertThat(pgpool.isServerAttached()).isTrue();
		}
		assertThat(this.database.list("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"))
			.isEmpty();
		assertThat(this.roles.canLogIn()).isTrue();
	}

	@Test
	void withoutTerminatingItMigratesAsPlainFlywayDoes() {
		TestDatabase other = TestDatabase.create();
		TestRoles otherRoles = TestRoles.create(other);
		try (Pgpool pgpool = this.database.pgpool()) {
			otherRoles.replica(pgpool.url(other.name()), "basic").plain().start().close();
			Replica replica = this.roles.replica(pgpool.url(this.database.name()), "basic");
			assertThat(replica.startAndStop().migrations()).isEqualTo(3);
			assertThat(replica.startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		}
		assertThat(this.database.history()).isEqualTo(other.history());
	}

	@Test
	void rolesAreBlockedThroughItWithoutTerminating() throws Exception {
		try (Pgpool pgpool = this.database.pgpool(); Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background
				.start(() -> this.roles.blockingReplica(pgpool.url(this.database.name()), "gated")
					.with("headlock.terminate-db-sessions", false)
					.startAndStop());
			this.database.awaitMigrationAtTheGate();
			assertThatThrownBy(() -> connect(pgpool)).hasMessageContaining("is not permitted to log in");
			gate.rollback();
			assertThat(start.result().migrations()).isEqualTo(2);
			connect(pgpool).close();
			assertThat(this.roles.isRecorded()).isFalse();
		}
	}

	@Test
	void itStaysAttachedWhenItsSessionsAreTerminatedStraight() throws Exception {
		String settings = DocumentationPage.read("sessions.md").section("Effect on clients").nextBlock();
		try (Pgpool pgpool = this.database.pgpool(settings); Connection session = connect(pgpool)) {
			// closed by its client, and kept by pgpool-II
			connect(pgpool).close();
			List<Background<Boolean>> clients = busyClients(pgpool);
			await().until(() -> this.queries.get() > 100);
			assertThat(straightReplica().startAndStop().terminatedSessions()).isGreaterThanOrEqualTo(2);
			int before = this.queries.get();
			await().until(() -> this.queries.get() > before + 100);
			assertEnd(clients);
			assertThat(session.isValid(0)).isFalse();
			assertThat(pgpool.isServerAttached()).isTrue();
		}
	}

	@Test
	void itDetachesTheServerIfItMayFailOverWhenASessionIsTerminated() throws Exception {
		try (Pgpool pgpool = this.database.pgpool("failover_on_backend_shutdown = on");
				Connection session = connect(pgpool)) {
			assertThat(straightReplica().startAndStop().terminatedSessions()).isPositive();
			await().until(() -> !pgpool.isServerAttached());
			Section section = DocumentationPage.read("runbook.md").section("pgpool-II detached the server");
			assertThat(pgpool.log()).containsPattern(section.nextLog());
			assertThat(section.rest()).isEmpty();
		}
	}

	/**
	 * It depends on the moment, so all sessions are terminated again until it happens.
	 */
	@Test
	void itDetachesTheServerByDefaultIfAClientIsAtWorkThen() throws Exception {
		try (Pgpool pgpool = this.database.pgpool("failover_on_backend_shutdown = off")) {
			List<Background<Boolean>> clients = busyClients(pgpool);
			await().until(() -> {
				this.database.list("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ?",
						this.roles.application());
				return !pgpool.isServerAttached();
			});
			assertEnd(clients);
		}
	}

	@Test
	void itIsRecognisedAndNothingElseIs() throws Exception {
		try (Pgpool pgpool = this.database.pgpool();
				PgBouncer pooler = this.database.pooler(1);
				Connection through = DriverManager.getConnection(pgpool.url(this.database.name()), "postgres", "");
				Connection pooled = DriverManager.getConnection(pooler.url(this.database.name()), "postgres", "");
				Connection straight = this.database.connect()) {
			assertThat(PgpoolCheck.isBetween(through)).isTrue();
			for (Connection connection : new Connection[] { pooled, straight }) {
				assertThat(PgpoolCheck.isBetween(connection)).isFalse();
				assertThat(connection.isValid(0)).isTrue();
			}
		}
	}

	private List<Background<Boolean>> busyClients(Pgpool pgpool) {
		return Stream.generate(() -> Background.start(() -> queryUntilStopped(pgpool))).limit(4).toList();
	}

	/** Any failure but an SQLException ends it. */
	private boolean queryUntilStopped(Pgpool pgpool) {
		while (!this.stopped) {
			try (Connection connection = connect(pgpool);
					PreparedStatement statement = connection.prepareStatement("SELECT ?::int")) {
				while (!this.stopped) {
					statement.setInt(1, 1);
					statement.executeQuery().close();
					this.queries.incrementAndGet();
				}
			}
			catch (SQLException ex) {
				// terminated, or not let in
			}
		}
		return true;
	}

	private void assertEnd(List<Background<Boolean>> clients) throws Exception {
		this.stopped = true;
		for (Background<Boolean> client : clients) {
			assertThat(client.result()).isTrue();
		}
	}

	private Connection connect(Pgpool pgpool) throws SQLException {
		return DriverManager.getConnection(pgpool.url(this.database.name()) + "?socketTimeout=20",
				this.roles.application(), "");
	}

	private Replica blockingReplica(Pgpool pgpool) {
		return this.roles.blockingReplica(pgpool.url(this.database.name()), "basic");
	}

	private Replica straightReplica() {
		return this.roles.blockingReplica(this.database.url(), "basic");
	}

}
