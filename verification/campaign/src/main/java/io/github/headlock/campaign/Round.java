package io.github.headlock.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.testbed.FailoverCluster;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

/**
 * One round: a release is rolled out, faults strike, and what is left is inspected. All
 * that is left to chance comes from the seed, except what the machine adds to it.
 */
final class Round {

	/** For the server to notice that a killed client is gone. */
	private static final Duration LEAVING = Duration.ofSeconds(20);

	private static final String LATER_CURE = "DELETE FROM \"public\".\"flyway_schema_history\" WHERE NOT success "
			+ String.format(Locale.ROOT, "AND version = '%d';", Scenario.LATER);

	private final TestBench lab;

	private final long seed;

	private final boolean plain;

	private final Duration patience;

	private final Path folder;

	private final Scenario scenario;

	private final Schedule schedule;

	private final RoundPlan plan;

	private final Timeline timeline = new Timeline();

	private final List<Violation> violations = new ArrayList<>();

	private final List<Rollout> rollouts = new ArrayList<>();

	private @Nullable Faults faults;

	private @Nullable Failover failover;

	/**
	 * Draws a round.
	 * @param lab where
	 * @param seed decides what happens
	 * @param plain whether all replicas are without Headlock
	 * @param patience how long after the last fault replicas may take to be ready
	 */
	Round(TestBench lab, long seed, boolean plain, Duration patience) {
		this.lab = lab;
		this.seed = seed;
		this.plain = plain;
		this.patience = patience;
		this.folder = lab.folder().resolve((plain ? "plain-" : "round-") + seed);
		RoundPlan draw = RoundPlan.of(seed, lab.cluster() != null);
		this.plan = plain ? new RoundPlan(draw.scenario().forPlainFlyway(), draw.schedule(), draw.random()) : draw;
		this.scenario = this.plan.scenario();
		this.schedule = this.plan.schedule();
	}

	/**
	 * Runs it. A round that cannot be brought to its end says so, and fails in no case.
	 */
	RoundResult run() {
		Throwable failure = null;
		try {
			play();
			judge();
		}
		catch (Throwable ex) {
			failure = ex;
			this.timeline.note("NOT BROUGHT TO ITS END: %s", ex);
		}
		return result(failure);
	}

	private void play() throws IOException, SQLException {
		Files.createDirectories(this.folder);
		String name = String.format(Locale.ROOT, "round_%d%s", this.seed, this.plain ? "_plain" : "");
		FailoverCluster cluster = this.lab.cluster();
		if (cluster != null) {
			cluster.renew();
		}
		try (RoundEnvironment stage = RoundEnvironment.set(this.lab.server(), cluster, this.plan, name,
				this.timeline)) {
			this.failover = stage.failover().orElse(null);
			try {
				play(stage);
			}
			finally {
				// before the stage is taken from under them
				this.rollouts.forEach(Rollout::close);
				Optional<String> log = stage.access().pgpoolLog();
				if (log.isPresent()) {
					Files.writeString(this.folder.resolve("pgpool.log"), log.get());
				}
			}
		}
	}

	private void play(RoundEnvironment stage) throws SQLException {
		ReplicaFactory factory = new ReplicaFactory(this.lab.command(), this.scenario, this.plain, stage,
				this.plan.random());
		this.faults = new Faults(stage, this.scenario, this.plain);
		Set<String> effects = new TreeSet<>();
		Release previous = Release.previous(this.folder.resolve("previous"));
		if (this.scenario.fromPrevious()) {
			install(previous, stage.database());
			effects.addAll(previous.effects());
		}
		boolean failsFirst = this.scenario.failing() > 0;
		if (failsFirst) {
			Release failing = Release.next(this.folder.resolve("failing"), this.scenario, true);
			rollOut(failing, previous, factory, stage, this.schedule.atFailingRelease());
		}
		Release next = Release.next(this.folder.resolve("next"), this.scenario, false);
		effects.addAll(next.effects());
		rollOut(next, previous, factory, stage, !failsFirst || !this.schedule.atFailingRelease());
		if (this.scenario.later() && this.violations.isEmpty()) {
			failLater(next, factory, stage);
		}
		inspect(stage, effects, next);
	}

	private void install(Release release, RoundDatabase database) {
		Flyway.configure()
			.dataSource(database.url(), database.migrator(), "")
			.locations(release.locations().toArray(String[]::new))
			.load()
			.migrate();
	}

	private Rollout start(List<Replica> replicas) {
		Rollout rollout = new Rollout(replicas);
		this.rollouts.add(rollout);
		return rollout;
	}

	private void rollOut(Release release, Release previous, ReplicaFactory factory, RoundEnvironment stage,
			boolean strike) throws SQLException {
		Faults faults = Objects.requireNonNull(this.faults);
		boolean fails = this.scenario.failing() > 0 && this.rollouts.isEmpty();
		this.timeline.note("%s is rolled out", fails ? "a release with a failing migration" : "the release");
		if (strike) {
			faults.prepare(this.schedule.faults());
		}
		Rollout rollout = start(factory.rollout(release, previous, logs()));
		if (strike) {
			faults.strike(this.schedule.faults(), rollout);
			// a replica of a release that fails is never ready, whatever holds it
			this.violations.addAll(fails ? List.of() : faults.violations());
			this.timeline.note("the faults are over");
		}
		stage.clear();
		if (!fails) {
			awaitReady(rollout, () -> start(List.of(factory.replica("afterwards", release, logs()))));
			return;
		}
		if (!Wait.until(this.patience, () -> rollout.find((one) -> one.hasLogged("division by zero")).isPresent())) {
			this.violations.add(new Violation(Invariant.READY, "nobody gets to the migration that fails"));
		}
		Inspection.afterFailure(stage.database(), this.patience)
			.forEach((found) -> this.violations
				.add(new Violation(found.invariant(), "after the release that fails: " + found.seen())));
		rollout.close();
	}

	/** With Headlock, the cure is the statement that the later release's replica logs. */
	private void failLater(Release release, ReplicaFactory factory, RoundEnvironment stage) throws SQLException {
		this.timeline.note("a later release fails without a transaction");
		Release later = Release.later(this.folder.resolve("later"), this.scenario);
		Rollout failing = start(List.of(factory.replica("later", later, logs())));
		// Flyway alone, with its transactional lock, takes the failed row back
		String refusal = this.plain ? "division by zero" : LATER_CURE;
		if (!Wait.until(this.patience, () -> failing.find((one) -> one.hasLogged(refusal)).isPresent())) {
			this.violations.add(new Violation(Invariant.EXPLAINED, "no replica logs: " + refusal));
		}
		failing.close();
		awaitReady(start(List.of(factory.replica("older", release, logs()))));
		stage.database().execute(LATER_CURE);
	}

	/**
	 * After a failover, one more start applies again what was lost after the others were
	 * ready. Where roles are blocked again, those who wait for that wait for this start.
	 */
	private void awaitReady(Rollout rollout, Supplier<Rollout> afterwards) {
		Rollout last = (this.failover != null && this.failover.blocksAgain()) ? afterwards.get() : null;
		awaitReady(rollout);
		if (this.failover != null) {
			awaitReady((last != null) ? last : afterwards.get());
		}
	}

	private void awaitReady(Rollout rollout) {
		if (!Wait.until(this.patience, rollout::isReady)) {
			rollout.replicas()
				.stream()
				.filter((replica) -> !replica.isReady())
				.forEach((replica) -> this.violations.add(new Violation(Invariant.READY, String.format(Locale.ROOT,
						"%s is not ready after %d s", replica.name(), this.patience.toSeconds()))));
		}
	}

	private void inspect(RoundEnvironment stage, Set<String> effects, Release release) throws SQLException {
		stage.traffic().close();
		this.timeline.note("what is left is inspected");
		this.violations
			.addAll(Inspection.of(stage.database(), effects, release, this.scenario.concurrently(), LEAVING));
		stage.damage().forEach((damage) -> this.violations.add(new Violation(Invariant.OTHERS, damage)));
		this.timeline.note("history: %s", Inspection.history(stage.database()));
	}

	/** A release that fails and the one that cures it have replicas of the same names. */
	private Path logs() {
		Path logs = this.folder
			.resolve((this.rollouts.isEmpty() && this.scenario.failing() > 0) ? "failing-logs" : "logs");
		try {
			return Files.createDirectories(logs);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** After the end of all processes. */
	private void judge() {
		for (Rollout rollout : this.rollouts) {
			for (Replica replica : rollout.replicas()) {
				replica.processes().forEach((process) -> this.violations.addAll(judge(process, replica)));
			}
		}
		if (this.failover != null) {
			this.violations.addAll(this.failover.violations());
		}
	}

	private List<Violation> judge(ReplicaProcess process, Replica replica) {
		List<Violation> found = ProcessVerdict.of(process, replica.hasHeadlock(), this.scenario.blocking());
		return (this.failover != null) ? this.failover.withoutExcused(process, found) : found;
	}

	private RoundResult result(@Nullable Throwable failure) {
		List<ReplicaProcess> processes = Rollout.processes(this.rollouts.stream());
		boolean good = this.violations.isEmpty() && failure == null;
		String story = this.timeline.tell(processes);
		try {
			Files.writeString(this.folder.resolve("story.txt"), story);
		}
		catch (IOException ex) {
			this.timeline.note("the story cannot be kept: %s", ex);
		}
		Map<FaultKind, Integer> struck = (this.faults != null) ? this.faults.struck() : Map.of();
		Map<MissReason, Integer> missed = (this.faults != null) ? this.faults.missed() : Map.of();
		return new RoundResult(this.seed, this.plan.summary(), struck, missed, processes.size(),
				List.copyOf(this.violations), this.timeline.elapsed(), good ? "" : story, failure,
				(this.failover != null) ? this.failover.outcome().orElse(null) : null);
	}

	@Override
	public String toString() {
		return this.plan.summary().text();
	}

}
