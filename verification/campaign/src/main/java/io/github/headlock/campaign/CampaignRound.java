package io.github.headlock.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.campaign.Invariant.Violation;
import org.jspecify.annotations.Nullable;

/**
 * One round: releases are rolled out, faults strike, and what is left is inspected. All
 * that is left to chance comes from the seed, except what the machine adds to it.
 */
abstract class CampaignRound {

	/** For sessions to end, and for the server to notice that a killed client is gone. */
	static final Duration LEAVING = Duration.ofSeconds(20);

	private final TestBench lab;

	private final long seed;

	private final Duration patience;

	private final Path folder;

	private final Timeline timeline = new Timeline();

	private final List<Violation> violations = new ArrayList<>();

	private final FaultTally tally = new FaultTally(this.timeline);

	/**
	 * Prepares a round.
	 * @param lab where
	 * @param seed decides what happens
	 * @param patience how long after the last fault replicas may take to be ready
	 * @param name what the name of its folder begins with
	 */
	CampaignRound(TestBench lab, long seed, Duration patience, String name) {
		this.lab = lab;
		this.seed = seed;
		this.patience = patience;
		this.folder = lab.folder().resolve(name + seed);
	}

	/**
	 * Runs it. A round that cannot be brought to its end says so, and fails in no case.
	 */
	final RoundResult run() {
		Throwable failure = null;
		try {
			Files.createDirectories(this.folder);
			play();
			judge();
		}
		catch (Throwable ex) {
			failure = ex;
			this.timeline.note("NOT BROUGHT TO ITS END: %s", ex);
		}
		return result(failure);
	}

	/** Rolls releases out, lets faults strike, and inspects what is left. */
	abstract void play() throws IOException, SQLException;

	/** Judges the processes, when all have ended. */
	abstract void judge();

	/** All processes that were started. */
	abstract List<ReplicaProcess> processes();

	/** What was planned. */
	abstract RoundSummary summary();

	/** What a failover did, {@code null} if there was none. */
	@Nullable FailoverOutcome failoverOutcome() {
		return null;
	}

	private RoundResult result(@Nullable Throwable failure) {
		boolean good = this.violations.isEmpty() && failure == null;
		List<ReplicaProcess> processes = processes();
		String story = this.timeline.tell(processes);
		try {
			Files.writeString(this.folder.resolve("story.txt"), story);
		}
		catch (IOException ex) {
			this.timeline.note("the story cannot be kept: %s", ex);
		}
		return new RoundResult(this.seed, summary(), this.tally.struck(), this.tally.missed(), processes.size(),
				List.copyOf(this.violations), this.timeline.elapsed(), good ? "" : story, failure, failoverOutcome());
	}

	final TestBench lab() {
		return this.lab;
	}

	final long seed() {
		return this.seed;
	}

	final Duration patience() {
		return this.patience;
	}

	/** Where its migrations and logs go. */
	final Path folder() {
		return this.folder;
	}

	final Timeline timeline() {
		return this.timeline;
	}

	/** Counts its faults. */
	final FaultTally tally() {
		return this.tally;
	}

	/** Takes note of something that is wrong. */
	final void add(Violation violation) {
		this.violations.add(violation);
	}

	final void addAll(List<Violation> found) {
		this.violations.addAll(found);
	}

	/** Whether nothing was wrong until now. */
	final boolean isGood() {
		return this.violations.isEmpty();
	}

	@Override
	public final String toString() {
		return summary().text();
	}

}
