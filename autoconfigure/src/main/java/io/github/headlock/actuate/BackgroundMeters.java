package io.github.headlock.actuate;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

import io.github.headlock.background.BackgroundStatus;
import io.github.headlock.background.WorkCount;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Tells in metrics what this process has done for background migrations, and how far they
 * are. There are none where the release declares none.
 */
final class BackgroundMeters {

	private static final String ROWS = "headlock.background.rows";

	private static final String BATCHES = "headlock.background.batches";

	private static final String EVERY = ", NaN if unknown; read at most every 5 s";

	/** By the names of the migrations that the release declares. */
	private final Map<String, WorkCount> counts;

	private final RecentLook look;

	BackgroundMeters(Map<String, WorkCount> counts, RecentLook look) {
		this.counts = counts;
		this.look = look;
	}

	void bindTo(MeterRegistry registry) {
		if (this.counts.isEmpty()) {
			return;
		}
		this.counts.forEach((name, count) -> bindTo(registry, name, count));
		gauge(registry, "headlock.background.unfinished", "are neither finished nor skipped",
				BackgroundStatus::isUnfinished);
		gauge(registry, "headlock.background.failed", "have failed", BackgroundStatus::isFailed);
		gauge(registry, "headlock.background.held", "are held", BackgroundStatus::isHeld);
	}

	private void bindTo(MeterRegistry registry, String name, WorkCount count) {
		String rows = "Rows that this process has gone along for a background migration, changed or unchanged";
		counter(registry, ROWS, rows, name, "changed", count, WorkCount::rowsChanged);
		counter(registry, ROWS, rows, name, "unchanged", count, WorkCount::rowsUnchanged);
		String batches = "Transactions of batches of a background migration that this process has done, or that failed";
		counter(registry, BATCHES, batches, name, "done", count, WorkCount::batchesDone);
		counter(registry, BATCHES, batches, name, "failed", count, WorkCount::batchesFailed);
		Gauge.builder("headlock.background.progress", this, (meters) -> meters.progress(name))
			.tag("name", name)
			.description("Share of the pass of a background migration that is done, 1 when it is finished" + EVERY)
			.register(registry);
	}

	private static void counter(MeterRegistry registry, String meter, String description, String name, String result,
			WorkCount count, ToDoubleFunction<WorkCount> value) {
		FunctionCounter.builder(meter, count, value)
			.tag("name", name)
			.tag("result", result)
			.description(description)
			.register(registry);
	}

	private void gauge(MeterRegistry registry, String meter, String state, Predicate<BackgroundStatus> condition) {
		Gauge.builder(meter, this, (meters) -> meters.number(condition))
			.description("Background migrations of this release that " + state + EVERY)
			.register(registry);
	}

	private double progress(String name) {
		for (BackgroundStatus status : this.look.get().background()) {
			Integer percent = status.percent();
			if (status.name().equals(name) && percent != null) {
				return percent / 100.0;
			}
		}
		return Double.NaN;
	}

	private double number(Predicate<BackgroundStatus> condition) {
		List<BackgroundStatus> known = this.look.get()
			.background()
			.stream()
			.filter((status) -> status.declared() && !status.isUnknown())
			.toList();
		return (known.size() == this.counts.size()) ? known.stream().filter(condition).count() : Double.NaN;
	}

}
