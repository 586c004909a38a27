package io.github.headlock.roles;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Processes that block roles and are killed, or lose a session, at every step of it: the
 * next start repairs everything. More rounds: {@code -Dtestbed.rounds=500}.
 */
@Tag("every-postgresql")
class SessionFaultTests {

	private static final int ROUNDS = Integer.getInteger("testbed.rounds", 20);

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final TestMigrations migrations;

	SessionFaultTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE effect (version int)");
	}

	static Stream<Round> rounds() {
		return LongStream.range(0, ROUNDS).mapToObj(Round::of);
	}

	@ParameterizedTest
	@MethodSource("rounds")
	void theNextStartRepairsEverything(Round round) throws Exception {
		this.database.execute("REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(this.database.name()),
				"GRANT CONNECT ON DATABASE %s TO %s".formatted(this.database.name(), this.roles.application()));
		this.database.allowThroughPooler(this.roles.migrator(), this.roles.application());
		replica(round).startAndStop();
		this.migrations.file("V2__b.sql", "INSERT INTO effect VALUES (2)");
		this.migrations.file("V3__c.sql", "INSERT INTO effect VALUES (3); SELECT pg_advisory_xact_lock(1, 1)");
		this.migrations.file("V4__d.sql", "INSERT INTO effect VALUES (4)");
		try (Connection session = this.roles.connect(); ReplicaProcess process = bringTo(round, session)) {
			this.roles.isRecorded();
		}
		await().until(() -> this.database.advisoryLocks() == 0);
		// a later release without the feature repairs it as well
		Replica next = round.random().nextBoolean() ? replica(round) : blocking(round);
		next.startAndStop();
		this.roles.connect().close();
		assertThat(this.roles.canLogIn()).isTrue();
		assertThat(this.roles.isRecorded()).isFalse();
		assertThat(this.database.history()).containsExactly("1", "2", "3", "4");
		assertThat(this.database.list("SELECT version FROM effect ORDER BY 1")).containsExactly("2", "3", "4");
		assertThat(this.database.advisoryLocks()).isZero();
	}

	private ReplicaProcess bringTo(Round round, Connection session) throws Exception {
		String alter = (round.blockWith() == BlockMode.NOLOGIN)
				? "ALTER ROLE %s CONNECTION LIMIT 50".formatted(this.roles.application())
				: "GRANT TEMPORARY ON DATABASE %s TO %s".formatted(this.database.name(), this.roles.migrator());
		Replica replica = blocking(round);
		switch (round.step()) {
			case BLOCKING -> {
				try (Connection other = this.database.inTransaction(alter)) {
					ReplicaProcess process = ReplicaProcess.start(replica);
					this.database.awaitBlockedBy(other);
					return strike(round, process, other, null);
				}
			}
			case DRAINING -> {
				ReplicaProcess process = ReplicaProcess.start(replica.with("headlock.terminate-db-sessions", false));
				await().atMost(Duration.ofMinutes(3)).until(this.roles::isRecorded);
				return strike(round, process, session, null);
			}
			case MIGRATING -> {
				try (Connection gate = this.database.gate()) {
					ReplicaProcess process = ReplicaProcess.start(replica);
					this.database.awaitMigrationAtTheGate();
					return strike(round, process, gate, null);
				}
			}
			case LETTING_IN -> {
				try (Connection gate = this.database.gate()) {
					ReplicaProcess process = ReplicaProcess.start(replica);
					this.database.awaitMigrationAtTheGate();
					try (Connection other = this.database.inTransaction(alter)) {
						gate.rollback();
						this.database.awaitBlockedBy(other);
						return strike(round, process, other, gate);
					}
				}
			}
			default -> {
				ReplicaProcess process = ReplicaProcess.start(replica);
				await().atMost(Duration.ofMinutes(3)).until(() -> process.output().contains("Blocking the roles"));
				process.endsWithin(Duration.ofMillis(round.random().nextInt(700)));
				return strike(round, process, session, null);
			}
		}
	}

	/**
	 * Kills the process, or one of its sessions, whereupon it ends by itself once nothing
	 * stands in its way.
	 */
	private ReplicaProcess strike(Round round, ReplicaProcess process, Connection inTheWay,
			@Nullable Connection alsoInTheWay) throws Exception {
		if (round.killsProcess()) {
			process.kill();
		}
		else {
			List<String> sessions = this.database.list("SELECT pid FROM pg_stat_activity WHERE application_name LIKE "
					+ "'headlock %' AND datname = current_database() ORDER BY backend_start");
			if (!sessions.isEmpty()) {
				this.database.value("SELECT pg_terminate_backend(?::int)",
						sessions.get(round.random().nextInt(sessions.size())));
			}
			inTheWay.close();
			if (alsoInTheWay != null) {
				alsoInTheWay.close();
			}
			// exits with an error, or runs on as a started application
			await().atMost(Duration.ofMinutes(3))
				.until(() -> !process.isAlive() || process.output().contains("Database ready: "));
		}
		return process;
	}

	private Replica replica(Round round) {
		return this.roles.replica(url(round), "none").with("spring.flyway.locations", this.migrations.location());
	}

	private Replica blocking(Round round) {
		return this.roles.blockingReplica(url(round), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("headlock.sessions.block-with", round.blockWith());
	}

	private String url(Round round) {
		return round.pooled() ? this.database.pooledUrl() : this.database.url();
	}

	/** Where a fault strikes. */
	enum Step {

		BLOCKING, DRAINING, MIGRATING, LETTING_IN, ANYWHERE

	}

	/**
	 * One round. The first twenty meet every step with every fault, through either way
	 * and with either kind of block; what is left to chance is drawn by the seed.
	 */
	record Round(long seed, Step step, boolean killsProcess, boolean pooled, BlockMode blockWith, Random random) {

		/** Whether the step comes after the block was committed, and before its end. */
		boolean leavesBlock() {
			return this.step == Step.DRAINING || this.step == Step.MIGRATING || this.step == Step.LETTING_IN;
		}

		static Round of(long seed) {
			int steps = Step.values().length;
			long variant = seed / steps;
			boolean kills = variant % 2 == 0;
			boolean pooled = variant % 4 > 1;
			return new Round(seed, Step.values()[(int) (seed % steps)], kills, pooled,
					(kills ^ pooled) ? BlockMode.NOLOGIN : BlockMode.REVOKE_CONNECT, new Random(seed));
		}

		@Override
		public String toString() {
			return "seed %d: %s, %s, %s, %s".formatted(this.seed, this.step,
					this.killsProcess ? "process killed" : "session terminated", this.pooled ? "pooled" : "direct",
					this.blockWith);
		}

	}

}
