package io.github.headlock.benchmark;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.github.headlock.testbed.LoggedProcess;
import io.github.headlock.testbed.ProcessLog;

/**
 * Rolls out a release with one slow migration: replicas meet at a database that is at the
 * head of the release before.
 *
 * @param bench what all rollouts share
 * @param replicas number of replicas, in one JVM
 * @param variant what migrates
 * @param seconds how long the migration takes
 * @param limit how long after their release the replicas may take
 */
record Rollout(Bench bench, int replicas, Variant variant, int seconds, Duration limit) {

	/** Migrations of the release before. */
	private static final int MIGRATIONS = 10;

	private static final String BEFORE = "rollout_before";

	private static final Duration PATIENCE = Duration.ofMinutes(10);

	private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

	/** Creates the databases that rollouts start from. */
	static void prepare(Bench bench, int seconds) throws Exception {
		Path migrations = bench.folder().resolve("rollout-" + seconds);
		Migrations.write(migrations, MIGRATIONS);
		bench.drop(BEFORE);
		HeadDatabase.create(bench.server(), BEFORE, migrations);
		Migrations.writeSlow(migrations, seconds);
		bench.drop(warmUp(seconds));
		HeadDatabase.create(bench.server(), warmUp(seconds), migrations);
	}

	private static String warmUp(int seconds) {
		return "rollout_warm_" + seconds;
	}

	/** Creates its database, where the migration is still to be applied or not. */
	void createDatabase(String name, boolean atHead) throws SQLException {
		this.bench.execute("CREATE DATABASE " + name + " TEMPLATE " + (atHead ? warmUp(this.seconds) : BEFORE));
	}

	/**
	 * Starts the replicas and watches them until all are ready or have failed, or their
	 * time is over.
	 * @param database name of the database
	 * @param url JDBC URL by which the replicas reach it
	 * @param log file for their output
	 */
	Outcome run(String database, String url, Path log) throws Exception {
		try (Sessions sessions = Sessions.watch(this.bench.server(), database)) {
			ReplicaEvents events;
			try (LoggedProcess process = LoggedProcess.start(new ProcessBuilder(command(url)), log)) {
				events = await(process);
			}
			return new Outcome(events, sessions, endOfMigration(database));
		}
	}

	private List<String> command(String url) throws Exception {
		Path jar = this.bench.jars().with(MIGRATIONS, this.seconds, this.variant);
		List<String> command = new ArrayList<>(
				List.of(ColdStart.java(), "-Dorg.springframework.boot.logging.LoggingSystem=none",
						"-Dlogback.configurationFile=logback-replicas.xml", "-jar", jar.toString()));
		command.addAll(ColdStart.arguments(url));
		command.addAll(List.of("--benchmark.replicas=" + this.replicas,
				"--benchmark.warm-up-url=" + this.bench.server().url(warmUp(this.seconds))));
		command.addAll(this.variant.arguments());
		return command;
	}

	private ReplicaEvents await(LoggedProcess process) {
		long end = System.nanoTime() + PATIENCE.toNanos();
		boolean released = false;
		while (true) {
			boolean alive = process.isAlive();
			ReplicaEvents events = read(process.log());
			if (!released && events.released().isPresent()) {
				released = true;
				end = System.nanoTime() + this.limit.toNanos();
			}
			if (events.ready().size() + events.failures().size() == this.replicas || System.nanoTime() - end > 0) {
				return events;
			}
			if (!alive) {
				throw new IllegalStateException("The replicas end early:\n" + process.log().text());
			}
			LockSupport.parkNanos(PAUSE_NANOS);
		}
	}

	private static ReplicaEvents read(ProcessLog log) {
		return new ReplicaEvents(log.text());
	}

	/** When it was committed, by the server's clock, which is this machine's. */
	private OptionalLong endOfMigration(String database) throws SQLException {
		try (Connection connection = this.bench.server().connect(database);
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("""
						SELECT (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint
						FROM flyway_schema_history WHERE success AND version = '%s'
						""".formatted(Migrations.SLOW))) {
			return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
		}
	}

	/**
	 * What was seen of a rollout.
	 *
	 * @param events what the replicas told
	 * @param sessions the sessions of the database
	 * @param endOfMigration when the migration was committed, in microseconds since the
	 * epoch; empty if it was not
	 */
	record Outcome(ReplicaEvents events, Sessions sessions, OptionalLong endOfMigration) {

	}

}
