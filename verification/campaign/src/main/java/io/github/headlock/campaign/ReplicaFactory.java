package io.github.headlock.campaign;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import io.github.headlock.campaign.replica.ReplicaApplication;
import io.github.headlock.testbed.JdbcUrl;

/**
 * Makes the replicas of a round, each with its arguments.
 */
final class ReplicaFactory {

	private static final String PREVIOUS = "previous";

	private final ReplicaCommand command;

	private final Scenario scenario;

	private final boolean plain;

	private final RoundEnvironment stage;

	private final SplittableRandom random;

	/**
	 * Creates the factory of a round.
	 * @param command starts processes
	 * @param scenario what is rolled out
	 * @param plain whether all replicas are without Headlock
	 * @param stage what they reach
	 * @param random decides when they start
	 */
	ReplicaFactory(ReplicaCommand command, Scenario scenario, boolean plain, RoundEnvironment stage,
			SplittableRandom random) {
		this.command = command;
		this.scenario = scenario;
		this.plain = plain;
		this.stage = stage;
		this.random = random;
	}

	/** All that a release is rolled out with. */
	List<Replica> rollout(Release release, Release previous, Path logs) {
		List<Replica> replicas = new ArrayList<>();
		for (int i = 0; i < this.scenario.replicas(); i++) {
			replicas.add(replica("replica-" + i, release, logs));
		}
		if (this.scenario.plainFlyway()) {
			replicas.add(replica("plain", release, logs, this.stage.access().url(), false, false));
		}
		if (this.scenario.previousReplica()) {
			replicas.add(replica(PREVIOUS, previous, logs, this.stage.access().url(), !this.plain, true));
		}
		if (this.scenario.topology() == Topology.PAIR_AND_STANDBY_FIRST) {
			// it may start at head while roles are blocked, as the documentation says
			replicas.add(replica("by-standby", release, logs, this.stage.access().standbyFirstUrl(), true, true));
		}
		return replicas;
	}

	/** One of the new release. */
	Replica replica(String name, Release release, Path logs) {
		return replica(name, release, logs, this.stage.access().url(), !this.plain, false);
	}

	private Replica replica(String name, Release release, Path logs, String reach, boolean headlock,
			boolean mayBeKeptOut) {
		RoundDatabase database = this.stage.database();
		String url = headlock ? reach : JdbcUrl.with(reach, "ApplicationName=" + name);
		if (this.scenario.isPooled() && !headlock) {
			url = JdbcUrl.with(url, "prepareThreshold=0");
		}
		List<String> arguments = new ArrayList<>(database.arguments(url));
		arguments.addAll(List.of("--spring.flyway.locations=" + String.join(",", release.locations()),
				"--" + ReplicaApplication.NEEDS + "=" + String.join(",", release.effects()),
				"--" + ReplicaApplication.URL + "="
						+ JdbcUrl.with(this.stage.access().straightUrl(), "ApplicationName=check")));
		if (!headlock || mayBeKeptOut) {
			// Flyway alone lets nobody in, and another release may be migrating
			arguments.add("--" + ReplicaApplication.KEPT_OUT + "=true");
		}
		if (!headlock) {
			arguments.add("--headlock.enabled=false");
			arguments.add("--spring.flyway.postgresql.transactional-lock=" + !this.scenario.concurrently());
		}
		else {
			arguments.add("--headlock.lock.poll-interval=100ms");
			if (this.scenario.queue()) {
				arguments.addAll(List.of("--headlock.ddl.lock-timeout=300ms", "--headlock.ddl.max-attempts=100"));
			}
			if (this.scenario.blocking() != Blocking.NONE) {
				arguments.add("--headlock.sessions.roles=" + database.application());
				arguments.addAll(this.scenario.blocking().arguments());
			}
		}
		return new Replica(name, headlock, arguments, this.command, logs, this.stage.timeline(),
				Duration.ofMillis(this.random.nextInt(name.equals(PREVIOUS) ? 2500 : 500)));
	}

}
