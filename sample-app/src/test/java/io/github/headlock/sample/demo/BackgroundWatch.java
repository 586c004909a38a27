package io.github.headlock.sample.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import org.awaitility.core.ConditionTimeoutException;

import static org.awaitility.Awaitility.await;

/**
 * Looks at the table that tells how far a background migration is, again and again, and
 * says what is there.
 */
final class BackgroundWatch implements AutoCloseable {

	static final String NAME = "fill_tariff";

	private static final String EXISTS = "SELECT count(to_regclass('flyway_schema_history_background'))";

	private static final String LOOK = """
			SELECT concat_ws(' ', pass, state = 'finished', seen_in_pass, coalesce(rows_estimated, 0), rows_changed) \
			FROM flyway_schema_history_background WHERE name = '%s'""".formatted(NAME);

	private static final Duration PAUSE = Duration.ofMillis(200);

	private static final Duration BETWEEN_LINES = Duration.ofSeconds(2);

	private static final Duration FILLED_WITHIN = Duration.ofMinutes(5);

	private final DemoDatabase database;

	private final Instant origin;

	private final Traffic traffic;

	private final PrintStream out;

	private final CountDownLatch ended = new CountDownLatch(1);

	private final FutureTask<List<BackgroundProgress.Sample>> looks = new FutureTask<>(this::look);

	private volatile Optional<BackgroundProgress.Sample> latest = Optional.empty();

	private Optional<BackgroundProgress.Sample> told = Optional.empty();

	/**
	 * Prepares it.
	 * @param database where the background migration runs
	 * @param origin what the times of the result count from
	 * @param traffic whose answers are told beside
	 * @param out where progress goes
	 */
	BackgroundWatch(DemoDatabase database, Instant origin, Traffic traffic, PrintStream out) {
		this.database = database;
		this.origin = origin;
		this.traffic = traffic;
		this.out = out;
	}

	BackgroundWatch start() {
		Thread thread = new Thread(this.looks, "background-watch");
		thread.setDaemon(true);
		thread.start();
		return this;
	}

	private List<BackgroundProgress.Sample> look() throws InterruptedException {
		List<BackgroundProgress.Sample> samples = new ArrayList<>();
		boolean over = false;
		while (!over) {
			over = this.ended.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
			this.latest = sample();
			this.latest.ifPresent(samples::add);
			this.latest.ifPresent(this::tell);
		}
		return samples;
	}

	private Optional<BackgroundProgress.Sample> sample() {
		if (this.database.number(EXISTS) == 0) {
			return Optional.empty();
		}
		return this.database.list(LOOK).stream().findFirst().map((row) -> {
			String[] values = row.split(" ", 5);
			return new BackgroundProgress.Sample(Duration.between(this.origin, Instant.now()),
					Integer.parseInt(values[0]), values[1].equals("t"), Long.parseLong(values[2]),
					Long.parseLong(values[3]), Long.parseLong(values[4]));
		});
	}

	/** Only while it gets on, and not every time. */
	private void tell(BackgroundProgress.Sample sample) {
		if (this.told.isEmpty()) {
			this.told = Optional.of(sample);
			return;
		}
		BackgroundProgress.Sample before = this.told.get();
		Duration since = sample.at().minus(before.at());
		boolean filled = sample.isFilled() && !before.isFilled();
		if (sample.changed() > before.changed() && (filled || since.compareTo(BETWEEN_LINES) >= 0)) {
			this.told = Optional.of(sample);
			synchronized (this.out) {
				this.out.printf("  %-11s %3d %%  %6d rows/s   %s%n", NAME, sample.percent(),
						(sample.changed() - before.changed()) * 1000 / Math.max(1, since.toMillis()),
						this.traffic.answers());
			}
		}
	}

	/** What was seen last, empty before there was anything. */
	Optional<BackgroundProgress.Sample> latest() {
		return this.latest;
	}

	/**
	 * Waits until it has gone along the whole table once.
	 * @return {@code false} if that takes too long
	 * @throws org.awaitility.core.TerminalFailureException if a look has failed
	 */
	boolean awaitFilled() {
		try {
			await().atMost(FILLED_WITHIN)
				.failFast(this.looks::isDone)
				.until(() -> this.latest.filter(BackgroundProgress.Sample::isFilled).isPresent());
			return true;
		}
		catch (ConditionTimeoutException ex) {
			return false;
		}
	}

	/**
	 * Ends it, after a last look.
	 * @return what was seen, empty if there was nothing
	 */
	Optional<BackgroundProgress> end() throws InterruptedException {
		this.ended.countDown();
		try {
			List<BackgroundProgress.Sample> samples = this.looks.get();
			return samples.isEmpty() ? Optional.empty() : Optional.of(new BackgroundProgress(NAME, samples));
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex.getCause());
		}
	}

	@Override
	public void close() {
		this.ended.countDown();
	}

}
