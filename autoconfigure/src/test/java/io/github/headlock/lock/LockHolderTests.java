package io.github.headlock.lock;

import java.sql.Connection;
import java.sql.Statement;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.headlock.HeadlockException;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.test.DocumentationPage;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.io.support.SpringFactoriesLoader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What is told of whoever holds a lock that a migration needs.
 */
@Tag("every-postgresql")
class LockHolderTests {

	private static final HistoryTable HISTORY = new HistoryTable("public", "flyway_schema_history");

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final String gid = "left by " + this.database.name();

	@AfterEach
	void endPreparedTransaction() {
		this.database.list("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()")
			.forEach((gid) -> this.database.execute("ROLLBACK PREPARED '%s'".formatted(gid)));
	}

	@Test
	void aPreparedTransactionWithTheLockIsNamedWithItsOwner() throws Exception {
		prepare(HISTORY.lockKey());
		try (HeadlockLog log = HeadlockLog.open()) {
			LockTimeoutException failure = failure(LockTimeoutException.class);
			assertThat(failure.getHolder()).isNotNull()
				.returns(0, LockHolder::pid)
				.returns(this.roles.application(), LockHolder::role)
				.returns(this.gid, LockHolder::preparedTransaction);
			String named = "it is held by prepared transaction \"%s\" of role \"%s\", since 2".formatted(this.gid,
					this.roles.application());
			assertThat(failure).hasMessageContaining(named);
			assertThat(log.messages()).anyMatch((line) -> line.contains(named));
			assertThat(action(failure)).contains("ROLLBACK PREPARED").doesNotContain("pg_terminate_backend");
		}
	}

	@Test
	void aPreparedTransactionWithTheFenceIsNamedWithItsOwner() throws Exception {
		prepare(HISTORY.fenceKey());
		assertThat(failure(LockTimeoutException.class))
			.hasMessageContaining("it is held by prepared transaction \"%s\"".formatted(this.gid));
		LockLostException lost = LockLostException.contestedBy("h", new LockHolder(0, "shop", null, null, null, "g"),
				new IllegalStateException());
		assertThat(action(lost)).contains("Otherwise ROLLBACK PREPARED ends it");
	}

	@Test
	void theQueryOfTheAnalysisShowsTheRoleOfTheHolder() throws Exception {
		try (Connection holder = this.roles.connect(); Statement statement = holder.createStatement()) {
			statement.execute("SELECT pg_advisory_lock(%d)".formatted(HISTORY.lockKey()));
			Matcher query = Pattern.compile("The query (SELECT [^;]+);")
				.matcher(action(failure(LockTimeoutException.class)));
			assertThat(query.find()).isTrue();
			assertThat(this.database
				.list("SELECT concat_ws(' ', usename, application_name) FROM (%s) AS q".formatted(query.group(1))))
				.contains(this.roles.application() + " shop");
		}
	}

	@Test
	void theQueryOfThePageShowsTheHolder() throws Exception {
		String query = DocumentationPage.read("how-it-works.md").section("Migration lock").nextSql();
		try (Connection holder = this.database.hold(String.valueOf(HISTORY.lockKey()))) {
			assertThat(holder.isValid(0)).isTrue();
			assertThat(this.database
				.list("SELECT application_name FROM (%s) AS q".formatted(query.replaceFirst(";$", ""))))
				.contains("holder");
		}
	}

	private void prepare(long key) throws Exception {
		try (Connection session = this.roles.connect(); Statement statement = session.createStatement()) {
			session.setAutoCommit(false);
			statement.execute("SELECT pg_advisory_xact_lock(%d)".formatted(key));
			statement.execute("PREPARE TRANSACTION '%s'".formatted(this.gid));
		}
	}

	private <T extends HeadlockException> T failure(Class<T> type) {
		Throwable thrown = catchThrowable(() -> this.roles.replica(this.database.url(), "basic")
			.with("headlock.lock.timeout", "500ms")
			.startAndStop());
		assertThat(thrown).hasRootCauseInstanceOf(type);
		return type.cast(thrown.getCause());
	}

	private static String action(HeadlockException failure) {
		return SpringFactoriesLoader.forResourceLocation(SpringFactoriesLoader.FACTORIES_RESOURCE_LOCATION)
			.load(FailureAnalyzer.class, SpringFactoriesLoader.FailureHandler.handleMessage((text, ex) -> {
			}))
			.stream()
			.filter((analyzer) -> analyzer.getClass().getName().startsWith("io.github.headlock."))
			.map((analyzer) -> analyzer.analyze(failure))
			.filter(Objects::nonNull)
			.findFirst()
			.orElseThrow()
			.getAction();
	}

}
