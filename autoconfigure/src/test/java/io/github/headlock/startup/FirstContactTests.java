package io.github.headlock.startup;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaState;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.test.Background;
import io.github.headlock.test.KnockingSockets;
import io.github.headlock.test.NotInContainer;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.PostgresServer;
import io.github.headlock.testbed.PostgresServer.StopMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Servers that take no more connections, for the first look and for later ones.
 */
@ExtendWith(OutputCaptureExtension.class)
class FirstContactTests {

	@Test
	void aCrowdedServerIsAskedAgain(CapturedOutput output) throws Exception {
		try (PostgresServer server = PostgresServer
			.start(Map.of("max_connections", "5", "superuser_reserved_connections", "0"))) {
			List<Connection> crowd = new ArrayList<>();
			for (int i = 0; i < 5; i++) {
				// whoever was there before may still be leaving
				await().ignoreExceptions().until(() -> crowd.add(server.connect("postgres")));
			}
			Background<MigrationReport> start = Background
				.start(() -> Replica.of(server.url("postgres"), "basic").startAndStop());
			await()
				.until(() -> output.getOut().contains("takes no connection yet, trying again: FATAL: sorry, too many"));
			assertThat(start.isDone()).isFalse();
			for (Connection connection : crowd) {
				connection.close();
			}
			assertThat(start.result().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		}
	}

	@ParameterizedTest
	@CsvSource({ "120000, 30000", "0, 120000", "-1, 120000" })
	@NotInContainer("it stops the server's process and starts it again")
	void aDatabaseThatComesLateIsWaitedForAsThePoolWould(String initializationFailTimeout, String connectionTimeout,
			CapturedOutput output) throws Exception {
		try (PostgresServer server = PostgresServer.start(Map.of())) {
			server.stop(StopMode.FAST);
			String ours = "ours" + server.port();
			String plains = "plain" + server.port();
			Background<MigrationReport> start = Background
				.start(() -> late(server, ours, initializationFailTimeout, connectionTimeout).startAndStop());
			Background<Boolean> plain = Background.start(() -> {
				late(server, plains, initializationFailTimeout, connectionTimeout).plain().start().close();
				return true;
			});
			await().until(() -> output.getOut().contains("takes no connection yet, trying again: "));
			await().until(() -> KnockingSockets.wasRefused(ours) && KnockingSockets.wasRefused(plains));
			assertThat(start.isDone() || plain.isDone()).isFalse();
			server.startAgain();
			assertThat(start.result().status().state()).isEqualTo(SchemaState.AT_HEAD);
			assertThat(plain.result()).isTrue();
		}
	}

	private static Replica late(PostgresServer server, String name, String initializationFailTimeout,
			String connectionTimeout) {
		return Replica.of(KnockingSockets.url(server.url("postgres"), name), "basic")
			.with("spring.datasource.hikari.initialization-fail-timeout", initializationFailTimeout)
			.with("spring.datasource.hikari.connection-timeout", connectionTimeout);
	}

	/** So that the wait above is the pool's patience, and not what everybody has. */
	@Test
	void withoutPatienceBothGiveUpAtTheFirstRefusal() throws Exception {
		for (boolean enabled : new boolean[] { true, false }) {
			String name = "impatient" + enabled;
			Replica replica = Replica.of(KnockingSockets.url("jdbc:postgresql://127.0.0.1:1/none", name), "basic")
				.with("headlock.enabled", enabled);
			assertThat(Background.start(() -> replica.start()).failure()).isNotNull();
			assertThat(KnockingSockets.wasRefused(name)).isTrue();
		}
	}

	@Test
	void aCrowdedServerIsNotAskedForEver() throws Exception {
		TestDatabase database = TestDatabase.create();
		database.execute("ALTER DATABASE %s CONNECTION LIMIT 0".formatted(database.name()),
				"CREATE ROLE %s_role LOGIN".formatted(database.name()));
		Background<MigrationReport> start = Background.start(() -> Replica.of(database.url(), "basic")
			.with("spring.datasource.username", database.name() + "_role")
			.with("headlock.lock.timeout", "1s")
			.startAndStop());
		assertThat(start.failure()).cause()
			.isInstanceOf(DatabaseUnavailableException.class)
			.hasMessageContaining("too many connections for database");
	}

	@Test
	void aServerThatVanishesWhileOneWaitsIsAskedAgain(CapturedOutput output) throws Exception {
		TestDatabase database = TestDatabase.create();
		String role = database.name() + "_role";
		database.execute("CREATE ROLE %s LOGIN".formatted(role), "GRANT CREATE ON SCHEMA public TO " + role);
		String key = String.valueOf(new HistoryTable("public", "flyway_schema_history").lockKey());
		try (Connection holder = database.hold(key)) {
			Background<MigrationReport> start = Background.start(
					() -> Replica.of(database.url(), "basic").with("spring.datasource.username", role).startAndStop());
			await().until(() -> output.getOut().contains("Waiting for the migration lock"));
			database.execute("ALTER DATABASE %s CONNECTION LIMIT 0".formatted(database.name()));
			await().until(() -> output.getOut().contains("The database does not answer while waiting"));
			database.execute("ALTER DATABASE %s CONNECTION LIMIT -1".formatted(database.name()));
			holder.rollback();
			assertThat(start.result().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		}
	}

	@Test
	@NotInContainer("it stops the server's process and starts it again")
	void aServerThatIsNotThereYetIsAskedAgainAsFlywayWould(CapturedOutput output) throws Exception {
		try (PostgresServer server = PostgresServer.start(Map.of())) {
			server.stop(StopMode.FAST);
			Background<MigrationReport> start = Background.start(() -> Replica.of(server.url("postgres"), "basic")
				.with("spring.flyway.connect-retries", 600)
				.with("spring.flyway.connect-retries-interval", "1s")
				.startAndStop());
			await().until(() -> output.getOut().contains("takes no connection yet, trying again"));
			server.startAgain();
			assertThat(start.result().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		}
	}

	/** Its host answers for it, as long as there is room for who waits. */
	@Test
	void aServerThatStaysSilentIsAskedAgain(CapturedOutput output) throws Exception {
		Background<MigrationReport> start;
		try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
				Socket first = new Socket(silent.getInetAddress(), silent.getLocalPort())) {
			String url = "jdbc:postgresql://127.0.0.1:%d/none".formatted(silent.getLocalPort());
			start = Background.start(() -> Replica.of(url, "basic").startAndStop());
			await().until(() -> start.isDone() || output.getOut().contains("takes no connection yet, trying again"));
			// later tries find no room
			assertThat(output).contains("takes no connection yet, trying again");
		}
		assertThat(start.failure()).hasCauseInstanceOf(DatabaseUnavailableException.class);
	}

	@Test
	void withoutConnectRetriesItIsAskedOnce() throws Exception {
		Background<MigrationReport> start = Background
			.start(() -> Replica.of("jdbc:postgresql://127.0.0.1:1/none", "basic").startAndStop());
		assertThat(start.failure()).cause()
			.isInstanceOf(DatabaseUnavailableException.class)
			.hasMessageStartingWith("The database cannot be reached (jdbc:postgresql://127.0.0.1:1/none)");
	}

	/** Only a setting can cure it, so a wait of minutes would hide the reason. */
	@Test
	void whatTheDriverItselfRefusesIsNotAskedForAgain() throws Exception {
		Background<MigrationReport> start = Background
			.start(() -> Replica.of(TestDatabase.create().url() + "?sslmode=require", "basic").startAndStop());
		assertThat(start.failure()).cause()
			.isInstanceOf(DatabaseUnavailableException.class)
			.hasMessageContaining("The server does not support SSL");
	}

	@Test
	void initialSqlThatFailsIsNamed() throws Exception {
		Background<MigrationReport> start = Background.start(() -> Replica.of(TestDatabase.create().url(), "basic")
			.with("spring.flyway.init-sqls", "SET ROLE nobody_there")
			.startAndStop());
		assertThat(start.failure()).cause()
			.isInstanceOf(DatabaseUnavailableException.class)
			.hasMessageStartingWith("The database cannot be used")
			.hasMessageContaining("spring.flyway.init-sqls: ERROR: role \"nobody_there\" does not exist");
	}

	@Test
	void theMigrationGetsItsConnectionOnACrowdedServer() throws Exception {
		TestDatabase database = TestDatabase.create();
		String role = database.name() + "_role";
		// One for the lock and one for Flyway, so that every try of a waiter is in the
		// way.
		database.execute("CREATE ROLE %s LOGIN CONNECTION LIMIT 2".formatted(role),
				"GRANT CREATE ON SCHEMA public TO " + role);
		List<Background<MigrationReport>> starts = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			starts.add(Background.start(
					() -> Replica.of(database.url(), "basic").with("spring.datasource.username", role).startAndStop()));
		}
		for (Background<MigrationReport> start : starts) {
			assertThat(start.result().status().state()).isEqualTo(SchemaState.AT_HEAD);
		}
		assertThat(database.history()).containsExactly("1", "2", "3");
	}

}
