package io.github.headlock.campaign;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Who did what in a round, and when: what the campaign noted, merged with the logs of the
 * replicas.
 */
final class Timeline {

	static final String CAMPAIGN = "campaign";

	private final Instant begin = Instant.now();

	private final Queue<Entry> entries = new ConcurrentLinkedQueue<>();

	/** Notes what the campaign does now. */
	void note(String format, Object... arguments) {
		this.entries.add(new Entry(Instant.now(), CAMPAIGN, String.format(Locale.ROOT, format, arguments)));
	}

	Duration elapsed() {
		return Duration.between(this.begin, Instant.now());
	}

	/** The whole story, with the logs of these processes. */
	String tell(Collection<ReplicaProcess> processes) {
		List<Entry> all = new ArrayList<>(this.entries);
		for (ReplicaProcess process : processes) {
			process.log().entries(process.name()).forEach(all::add);
		}
		all.sort(Comparator.comparing(Entry::time));
		StringBuilder text = new StringBuilder();
		for (Entry entry : all) {
			double seconds = Duration.between(this.begin, entry.time()).toMillis() / 1000.0;
			text.append(String.format(Locale.ROOT, "  %7.3f  %-9s %s%n", seconds, entry.who(), entry.what()));
		}
		return text.toString();
	}

	/**
	 * One line.
	 *
	 * @param time when
	 * @param who the campaign or a replica
	 * @param what what happened
	 */
	record Entry(Instant time, String who, String what) {
	}

}
