package io.github.headlock.actuate;

import java.time.Duration;
import java.util.Optional;

import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.startup.ManagedSchema;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the schema for gauges, at most every five seconds: scrapes more often than
 * that get what the last one got. Thread-safe.
 */
final class RecentLook {

	private static final Duration INTERVAL = Duration.ofSeconds(5);

	private final HeadlockMigrationStrategy strategy;

	private final BoundedSchemaProbe probe;

	private volatile @Nullable Looked last;

	RecentLook(HeadlockMigrationStrategy strategy, BoundedSchemaProbe probe) {
		this.strategy = strategy;
		this.probe = probe;
	}

	/**
	 * Returns what was found last, or is found now. Background migrations are looked at
	 * where this release declares some.
	 */
	SchemaSnapshot get() {
		Looked looked = this.last;
		if (looked != null && looked.since().elapsed().compareTo(INTERVAL) <= 0) {
			return looked.found();
		}
		try {
			SchemaSnapshot found = lookNow();
			this.last = new Looked(found, new Stopwatch());
			return found;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return SchemaSnapshot.nothing("Interrupted");
		}
	}

	private SchemaSnapshot lookNow() throws InterruptedException {
		Optional<ManagedSchema> managed = this.strategy.managed();
		if (managed.isEmpty()) {
			return SchemaSnapshot.nothing("Headlock manages no schema in this process");
		}
		return this.strategy.background().isEmpty() ? this.probe.look(managed.get())
				: this.probe.lookWithBackground(managed.get());
	}

	private record Looked(SchemaSnapshot found, Stopwatch since) {
	}

}
