package io.github.headlock.campaign;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.testbed.FailoverCluster;
import io.github.headlock.testbed.LoggedProcess;
import io.github.headlock.testbed.Pgpool;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A standby takes the place of its primary, with all that was committed, or without the
 * last of it; one after the other on the same servers.
 */
class FailoverTests {

	private static final Scenario SCENARIO = new Scenario(true, 0, Blocking.NONE, 2, false, 0, 0, false, false, false,
			2, false, false, false, Topology.PAIR);

	private static final String BLOCKED = "CREATE TABLE flyway_schema_history_blocked_roles ()";

	private static FailoverCluster cluster;

	private static int number;

	@TempDir
	private Path folder;

	private RoundDatabase database;

	@BeforeAll
	static void start() {
		cluster = FailoverCluster.start(Map.of("synchronous_commit", "on", "wal_retrieve_retry_interval", "100ms"));
	}

	@AfterAll
	static void stop() {
		cluster.close();
	}

	@BeforeEach
	void create() throws SQLException {
		cluster.renew();
		this.database = RoundDatabase.create(cluster.server(), "failed_over_" + number++);
	}

	@AfterEach
	void drop() throws SQLException {
		this.database.close();
	}

	@Test
	void whatIsCommittedIsNotLost() throws Exception {
		this.database.execute("CREATE TABLE number (n int)");
		Failover failover = prepare(false);
		AtomicInteger committed = new AtomicInteger();
		CompletableFuture<Void> work = CompletableFuture.runAsync(() -> commitUntilTheServerIsGone(committed));
		assertThat(Wait.until(Duration.ofMinutes(1), () -> committed.get() > 20)).isTrue();
		failover.strike(Step.INSIDE, 0);
		assertThat(work).succeedsWithin(1, TimeUnit.MINUTES);
		assertThat(Integer.parseInt(this.database.list("SELECT max(n) FROM number").get(0)))
			.isGreaterThanOrEqualTo(committed.get());
		assertThat(failover.outcome()).contains(new FailoverOutcome(Step.INSIDE, false, 0, false, 0));
	}

	private void commitUntilTheServerIsGone(AtomicInteger committed) {
		try (Connection connection = this.database.connect(); Statement statement = connection.createStatement()) {
			while (true) {
				statement.execute("INSERT INTO number VALUES (" + (committed.get() + 1) + ")");
				committed.incrementAndGet();
			}
		}
		catch (SQLException ex) {
			// it is gone
		}
	}

	@Test
	void whatIsHeldBackIsLostAndAllBeforeItIsNot() throws Exception {
		Failover failover = prepare(true);
		migrate(Release.previous(this.folder.resolve("previous")));
		this.database.execute(BLOCKED);
		List<String> before = Inspection.recorded(this.database);
		failover.holdBack();
		migrate(Release.next(this.folder.resolve("next"), SCENARIO, false));
		this.database.execute("DROP TABLE flyway_schema_history_blocked_roles");
		int lost = Inspection.recorded(this.database).size() - before.size();
		ReplicaProcess early = process();
		failover.strike(Step.READY, 0);
		ReplicaProcess late = process();
		assertThat(Inspection.recorded(this.database)).isEqualTo(before);
		assertThat(failover.violations()).isEmpty();
		for (ReplicaProcess process : List.of(early, late)) {
			List<Violation> found = ProcessVerdict.of(process, true, Blocking.NONE);
			assertThat(found).extracting(Violation::invariant).containsExactly(Invariant.EARLY, Invariant.EXPLAINED);
			assertThat(failover.withoutExcused(process, found)).extracting(Violation::invariant)
				.isEqualTo((process == early) ? List.of(Invariant.EXPLAINED)
						: List.of(Invariant.EARLY, Invariant.EXPLAINED));
		}
		assertThat(failover.outcome()).contains(new FailoverOutcome(Step.READY, true, lost, true, 1));
		assertThat(lost).isPositive();
	}

	@Test
	void nothingIsExcusedWhereNothingIsHeldBack() throws Exception {
		Failover failover = prepare(false);
		ReplicaProcess early = process();
		failover.strike(Step.READY, 0);
		List<Violation> found = ProcessVerdict.of(early, true, Blocking.NONE);
		assertThat(failover.withoutExcused(early, found)).isEqualTo(found);
	}

	@Test
	void whatDoesNotBelongTogetherAfterItIsFound() throws Exception {
		migrate(Release.previous(this.folder.resolve("previous")));
		this.database.execute("DELETE FROM effect WHERE name = '2'");
		Failover failover = prepare(false);
		failover.strike(Step.READY, 0);
		assertThat(failover.violations()).extracting(Violation::invariant).containsOnly(Invariant.EFFECTS);
	}

	@Test
	void replicationThatWasHeldBackIsThereAgainForTheNextRound() throws SQLException {
		prepare(true).holdBack();
		cluster.renew();
		Failover failover = prepare(false);
		this.database.execute("CREATE TABLE kept ()");
		failover.strike(Step.READY, 0);
		this.database.execute("DROP TABLE kept");
	}

	@Test
	void everyUrlReachesItsServer() throws SQLException {
		prepare(true);
		String standby = cluster.standbyFirstUrl(this.database.name());
		String primary = cluster.primaryUrl(this.database.name());
		assertThat(isStandby(standby)).isTrue();
		assertThat(isStandby(primary)).isFalse();
		cluster.stopPrimary();
		cluster.promote();
		assertThat(isStandby(standby)).isFalse();
		// the driver remembers for a while which server was which
		Wait.atMost(Duration.ofMinutes(1), "the new primary", () -> isPrimary(primary));
		assertThat(isStandby(cluster.server().url(this.database.name()))).isFalse();
	}

	@Test
	void pgpoolFollowsThePromotion() throws SQLException {
		prepare(false);
		try (Pgpool pgpool = cluster.pgpool()) {
			String url = pgpool.url(this.database.name());
			assertThat(isStandby(url)).isFalse();
			cluster.stopPrimary();
			cluster.promote();
			Wait.atMost(Duration.ofMinutes(1), "the new primary", () -> isPrimary(url));
			try (Connection connection = DriverManager.getConnection(url, "postgres", "");
					Statement statement = connection.createStatement()) {
				statement.execute("CREATE TABLE made_through_pgpool ()");
			}
		}
	}

	private static Optional<Boolean> isPrimary(String url) {
		try {
			return isStandby(url) ? Optional.empty() : Optional.of(true);
		}
		catch (SQLException ex) {
			return Optional.empty();
		}
	}

	private static boolean isStandby(String url) throws SQLException {
		try (Connection connection = DriverManager.getConnection(url, "postgres", "")) {
			return RoundDatabase.list(connection, "SELECT pg_is_in_recovery()").contains("t");
		}
	}

	private Failover prepare(boolean heldBack) {
		return Failover.prepare(cluster, heldBack, this.database, new Timeline());
	}

	private void migrate(Release release) {
		Flyway.configure()
			.dataSource(this.database.url(), this.database.migrator(), "")
			.locations(release.locations().toArray(String[]::new))
			.load()
			.migrate();
	}

	/** One that was ready too early, and has ended without a word. */
	private ReplicaProcess process() throws IOException, InterruptedException {
		LoggedProcess process = LoggedProcess.start(
				new ProcessBuilder("sh", "-c", "echo 'READY TOO EARLY: nothing there'; exit 1"),
				this.folder.resolve("replica.log"));
		assertThat(process.endsWithin(Duration.ofMinutes(1))).isTrue();
		return new ReplicaProcess("replica", process);
	}

}
