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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.testbed.FailoverCluster;
import org.jspecify.annotations.Nullable;

/**
 * A round about a release that is rolled out.
 */
final class Round extends CampaignRound {

	private static final String LATER_CURE = "DELETE FROM \"public\".\"flyway_schema_history\" WHERE NOT success "
			+ String.format(Locale.ROOT, "AND version = '%d';", Scenario.LATER);

	private final boolean plain;

	private final Scenario scenario;

	private final Schedule schedule;

	private final RoundPlan plan;

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
		super(lab, seed, patience, plain ? "plain-" : "round-");
		this.plain = plain;
		RoundPlan draw = RoundPlan.of(seed, lab.cluster() != null);
		this.plan = plain ? new RoundPlan(draw.scenario().forPlainFlyway(), draw.schedule(), draw.random()) : draw;
		this.scenario = this.plan.scenario();
		this.schedule = this.plan.schedule();
	}

	@Override
	void play() throws IOException, SQLException {
		String name = String.format(Locale.ROOT, "round_%d%s", seed(), this.plain ? "_plain" : "");
		FailoverCluster cluster = lab().cluster();
		if (cluster != null) {
			cluster.renew();
		}
		try (RoundEnvironment stage = RoundEnvironment.set(lab().server(), cluster, this.plan, name, timeline())) {
			this.failover = stage.failover().orElse(null);
			try {
				play(stage);
			}
			finally {
				// before the stage is taken from under them
				this.rollouts.forEach(Rollout::close);
				Optional<String> log = stage.access().pgpoolLog();
				if (log.isPresent()) {
					Files.writeString(folder().resolve("pgpool.log"), log.get());
				}
			}
		}
	}

	private void play(RoundEnvironment stage) throws SQLException {
		ReplicaFactory factory = new ReplicaFactory(lab().command(), this.scenario, this.plain, stage,
				this.plan.random());
		this.faults = new Faults(stage, this.scenario, this.plain, tally());
		Set<String> effects = new TreeSet<>();
		Release previous = Release.previous(folder().resolve("previous"));
		if (this.scenario.fromPrevious()) {
			stage.database().install(previous.locations());
			effects.addAll(previous.effects());
		}
		boolean failsFirst = this.scenario.failing() > 0;
		if (failsFirst) {
			Release failing = Release.next(folder().resolve("failing"), this.scenario, true);
			rollOut(failing, previous, factory, stage, this.schedule.atFailingRelease());
		}
		Release next = Release.next(folder().resolve("next"), this.scenario, false);
		effects.addAll(next.effects());
		rollOut(next, previous, factory, stage, !failsFirst || !this.schedule.atFailingRelease());
		if (this.scenario.later() && isGood()) {
			failLater(next, factory, stage);
		}
		inspect(stage, effects, next);
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
		timeline().note("%s is rolled out", fails ? "a release with a failing migration" : "the release");
		if (strike) {
			faults.prepare(this.schedule.faults());
		}
		Rollout rollout = start(factory.rollout(release, previous, logs()));
		if (strike) {
			faults.strike(this.schedule.faults(), rollout);
			// a replica of a release that fails is never ready, whatever holds it
			addAll(fails ? List.of() : faults.violations());
			timeline().note("the faults are over");
		}
		stage.clear();
		if (!fails) {
			awaitReady(rollout, () -> start(List.of(factory.replica("afterwards", release, logs()))));
			return;
		}
		if (!Wait.until(patience(), () -> rollout.find((one) -> one.hasLogged("division by zero")).isPresent())) {
			add(new Violation(Invariant.READY, "nobody gets to the migration that fails"));
		}
		Inspection.afterFailure(stage.database(), patience())
			.forEach((found) -> add(new Violation(found.invariant(), "after the release that fails: " + found.seen())));
		rollout.close();
	}

	/** With Headlock, the cure is the statement that the later release's replica logs. */
	private void failLater(Release release, ReplicaFactory factory, RoundEnvironment stage) throws SQLException {
		timeline().note("a later release fails without a transaction");
		Release later = Release.later(folder().resolve("later"), this.scenario);
		Rollout failing = start(List.of(factory.replica("later", later, logs())));
		// Flyway alone, with its transactional lock, takes the failed row back
		String refusal = this.plain ? "division by zero" : LATER_CURE;
		if (!Wait.until(patience(), () -> failing.find((one) -> one.hasLogged(refusal)).isPresent())) {
			add(new Violation(Invariant.EXPLAINED, "no replica logs: " + refusal));
		}
		failing.close();
		Rollout older = start(List.of(factory.replica("older", release, logs())));
		addAll(Rollout.awaitReady(List.of(older), patience()));
		stage.database().execute(LATER_CURE);
	}

	/**
	 * After a failover, one more start applies again what was lost after the others were
	 * ready. Where roles are blocked again, those who wait for that wait for this start.
	 */
	private void awaitReady(Rollout rollout, Supplier<Rollout> afterwards) {
		Rollout last = (this.failover != null && this.failover.blocksAgain()) ? afterwards.get() : null;
		addAll(Rollout.awaitReady(List.of(rollout), patience()));
		if (this.failover != null) {
			addAll(Rollout.awaitReady(List.of((last != null) ? last : afterwards.get()), patience()));
		}
	}

	private void inspect(RoundEnvironment stage, Set<String> effects, Release release) throws SQLException {
		stage.traffic().close();
		timeline().note("what is left is inspected");
		addAll(Inspection.of(stage.database(), effects, release, this.scenario.concurrently(), LEAVING));
		stage.damage().forEach((damage) -> add(new Violation(Invariant.OTHERS, damage)));
		timeline().note("history: %s", Inspection.history(stage.database()));
	}

	/** A release that fails and the one that cures it have replicas of the same names. */
	private Path logs() {
		Path logs = folder()
			.resolve((this.rollouts.isEmpty() && this.scenario.failing() > 0) ? "failing-logs" : "logs");
		try {
			return Files.createDirectories(logs);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	void judge() {
		for (Rollout rollout : this.rollouts) {
			for (Replica replica : rollout.replicas()) {
				replica.processes().forEach((process) -> addAll(judge(process, replica)));
			}
		}
		if (this.failover != null) {
			addAll(this.failover.violations());
		}
	}

	private List<Violation> judge(ReplicaProcess process, Replica replica) {
		List<Violation> found = ProcessVerdict.of(process, replica.hasHeadlock(), this.scenario.blocking());
		return (this.failover != null) ? this.failover.withoutExcused(process, found) : found;
	}

	@Override
	List<ReplicaProcess> processes() {
		return Rollout.processes(this.rollouts.stream());
	}

	@Override
	RoundSummary summary() {
		return this.plan.summary();
	}

	@Override
	@Nullable FailoverOutcome failoverOutcome() {
		return (this.failover != null) ? this.failover.outcome().orElse(null) : null;
	}

}
