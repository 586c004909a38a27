package io.github.headlock.startup;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import javax.net.ssl.SSLException;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.test.Background;
import io.github.headlock.test.FailingSockets;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestCertificate;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.PgBouncer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Failures that only a setting can cure end a start as soon as with Flyway alone, and
 * those that pass do not.
 */
@ExtendWith(OutputCaptureExtension.class)
class PermanentFailureTests {

	private static final String KEY = String.valueOf(new HistoryTable("public", "flyway_schema_history").lockKey());

	private static final String AGAIN = "trying again";

	private static final Map<String, Supplier<IOException>> FAILURES = Map.of("SocketException",
			() -> new SocketException("Network is unreachable"), "SocketTimeoutException",
			() -> new SocketTimeoutException("Connect timed out"), "EOFException", EOFException::new,
			"UnknownHostException", () -> new UnknownHostException("db.example"), "SSLException",
			() -> new SSLException("Unsupported record"), "FileNotFoundException",
			() -> new FileNotFoundException("root.crt"), "IOException", () -> new IOException("something else"));

	private final TestDatabase database = TestDatabase.create();

	@ParameterizedTest
	@ValueSource(strings = { "sslmode=nonsense", "targetServerType=leader", "socketFactory=com.example.Missing",
			"sslmode=require", "gssEncMode=require" })
	void aWrongSettingEndsTheStart(String parameter, CapturedOutput output) throws Exception {
		assertEndsAsPlainFlyway(this.database.url() + "?" + parameter, output);
	}

	@ParameterizedTest
	@ValueSource(strings = { "sslmode=verify-full&sslrootcert=%1$s/host.crt", "sslmode=verify-ca&sslrootcert=/none.crt",
			"sslmode=verify-ca&sslrootcert=%1$s/store.p12", "sslmode=require&sslfactory=com.example.Missing",
			"sslmode=require&sslcert=%1$s/host.crt&sslkey=%1$s/refused.key",
			"sslmode=require&sslcert=%1$s/host.crt&sslkey=/none.key",
			"sslmode=verify-full&sslrootcert=%1$s/host.crt&sslhostnameverifier=com.example.Missing" })
	void aWrongSettingOfSslEndsTheStart(String parameters, @TempDir Path folder, CapturedOutput output)
			throws Exception {
		TestCertificate certificate = TestCertificate.create(folder, "elsewhere.example");
		Files.writeString(folder.resolve("refused.key"), "no key");
		try (PgBouncer pooler = this.database.pooler(2, "client_tls_sslmode = allow",
				"client_tls_key_file = " + certificate.key(), "client_tls_cert_file = " + certificate.certificate(),
				"client_tls_ca_file = " + certificate.certificate())) {
			assertEndsAsPlainFlyway(pooler.url(this.database.name()) + "?" + parameters.formatted(folder), output);
		}
	}

	/** The first is the last that the driver tells of. */
	@Test
	void aHostThatIsNotKnownEndsTheStart(CapturedOutput output) throws Exception {
		assertEndsAsPlainFlyway("jdbc:postgresql://nowhere.invalid/none", output);
		assertEndsAsPlainFlyway("jdbc:postgresql://nowhere.invalid,127.0.0.1:1/none?targetServerType=primary", output);
	}

	private void assertEndsAsPlainFlyway(String url, CapturedOutput output) throws Exception {
		assertThat(Background.start(() -> replica(url).plain().start()).failure()).isNotNull();
		assertThat(Background.start(() -> replica(url).with("headlock.lock.timeout", "10s").start()).failure()).cause()
			.isInstanceOf(DatabaseUnavailableException.class);
		assertThat(output).doesNotContain(AGAIN);
	}

	@Test
	void flywaysConnectRetriesAreMadeForItAllTheSame(CapturedOutput output) throws Exception {
		Background<?> start = Background
			.start(() -> replica("jdbc:postgresql://nowhere.invalid/none").with("spring.flyway.connect-retries", 1)
				.start());
		assertThat(start.failure()).cause().isInstanceOf(DatabaseUnavailableException.class);
		assertThat(output).containsOnlyOnce(AGAIN);
	}

	@ParameterizedTest
	@ValueSource(strings = { "SocketException", "SocketTimeoutException", "EOFException", "UnknownHostException" })
	void whoWasConnectedBeforeWaitsForTheNetwork(String failure, CapturedOutput output) throws Exception {
		String name = this.database.name();
		try (Connection holder = this.database.hold(KEY)) {
			Background<MigrationReport> waiter = waiter(name, output);
			FailingSockets.fail(name, FAILURES.get(failure));
			await().until(() -> output.getOut().contains("The database does not answer while waiting"));
			holder.rollback();
			assertThat(waiter.isDone()).isFalse();
			FailingSockets.heal(name);
			assertThat(waiter.result().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "SSLException", "FileNotFoundException", "IOException" })
	void whoWasConnectedBeforeDoesNotWaitForASetting(String failure, CapturedOutput output) throws Exception {
		String name = this.database.name();
		try (Connection holder = this.database.hold(KEY)) {
			Background<MigrationReport> waiter = waiter(name, output);
			FailingSockets.fail(name, FAILURES.get(failure));
			assertThat(waiter.failure()).cause()
				.isInstanceOf(DatabaseUnavailableException.class)
				.hasMessageContaining(FAILURES.get(failure).get().getMessage());
			holder.rollback();
		}
		assertThat(output).doesNotContain("The database does not answer while waiting");
	}

	private Background<MigrationReport> waiter(String name, CapturedOutput output) {
		Background<MigrationReport> waiter = Background
			.start(() -> replica(FailingSockets.url(this.database.url(), name)).startAndStop());
		await().until(() -> output.getOut().contains("it is held by pid"));
		return waiter;
	}

	/** The other host is gone, as the old primary is in a failover. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aHostListWithoutAPrimaryIsWaitedFor(boolean standbyFirst, CapturedOutput output) throws Exception {
		String server = this.database.url().replaceAll(".*//|/.*", "");
		String hosts = String.join(",", standbyFirst ? List.of(server, "127.0.0.1:1") : List.of("127.0.0.1:1", server));
		String url = this.database.url().replace(server, hosts) + "?hostRecheckSeconds=0&targetServerType=primary";
		this.database
			.execute("ALTER DATABASE %s SET default_transaction_read_only = on".formatted(this.database.name()));
		assertThat(Background.start(() -> replica(url).plain().start()).failure()).isNotNull();
		Background<MigrationReport> start = Background.start(() -> replica(url).startAndStop());
		await().until(() -> start.isDone() || output.getOut().contains(AGAIN));
		assertThat(output).contains(AGAIN + ": Could not find a server with specified targetServerType: primary");
		this.database.execute("SET default_transaction_read_only = off",
				"ALTER DATABASE %s RESET default_transaction_read_only".formatted(this.database.name()));
		assertThat(start.result().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
	}

	/** Whichever host is the last, the driver tells of that one. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aHostListWithACrowdedServerIsWaitedFor(boolean crowdedFirst, CapturedOutput output) throws Exception {
		String name = this.database.name();
		String server = this.database.url().replaceAll(".*//|/.*", "");
		String hosts = String.join(",", crowdedFirst ? List.of(server, "127.0.0.1:1") : List.of("127.0.0.1:1", server));
		this.database.execute("CREATE ROLE %s_role LOGIN".formatted(name),
				"GRANT CREATE ON SCHEMA public TO %s_role".formatted(name),
				"ALTER DATABASE %s CONNECTION LIMIT 0".formatted(name));
		Background<MigrationReport> start = Background.start(() -> replica(this.database.url().replace(server, hosts))
			.with("spring.datasource.username", name + "_role")
			.startAndStop());
		await().until(() -> start.isDone() || output.getOut().contains(AGAIN));
		assertThat(output).contains(AGAIN + ": FATAL: too many connections for database");
		this.database.execute("ALTER DATABASE %s CONNECTION LIMIT -1".formatted(name));
		assertThat(start.result().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
	}

	private static Replica replica(String url) {
		return Replica.of(url, "basic");
	}

}
