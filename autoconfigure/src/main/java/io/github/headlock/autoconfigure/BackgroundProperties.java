package io.github.headlock.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.background.BackgroundRun;
import io.github.headlock.background.BackgroundSettings;
import io.github.headlock.background.ThrottleBeans;
import io.github.headlock.background.ThrottleSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;

/**
 * Background migrations.
 */
public class BackgroundProperties {

	private static final int MAX_WORKERS = 100;

	private static final Duration MIN_DURATION = Duration.ofMillis(1);

	private static final Duration MAX_LAG = Duration.ofDays(1);

	/** A number without a unit is one of bytes, and hardly meant. */
	private static final DataSize MIN_WAL_RATE = DataSize.ofKilobytes(100);

	/**
	 * Which processes work on background migrations while the application serves.
	 */
	private BackgroundRun run = BackgroundRun.AUTO;

	/**
	 * Where background migrations are declared, in SQL files, each location beginning
	 * with "classpath:" or "filesystem:". Folders below are included.
	 */
	private List<String> locations = new ArrayList<>(List.of("classpath:db/background"));

	/**
	 * Most batches of one background migration that are worked on at a time, over all
	 * processes.
	 */
	private int workers = 1;

	/**
	 * What a batch should take. A writer of the application waits for a row of it at most
	 * about as long.
	 */
	private Duration targetDuration = Duration.ofMillis(250);

	/**
	 * What a batch may take, before it is given up and tried again with half as many
	 * rows.
	 */
	private Duration batchTimeout = Duration.ofSeconds(30);

	/**
	 * Share of time at work, over all processes. 1 is without pauses.
	 */
	private double load = 0.25;

	/**
	 * Longest that a migration waits at a start for the end of a background migration
	 * that it requires, which is worked on without pauses meanwhile. 0 refuses the start
	 * instead.
	 */
	private Duration finalizeWithin = Duration.ofMinutes(1);

	/**
	 * Name of the one background migration that need not be finished for the migrations
	 * that require it, in an emergency.
	 */
	private @Nullable String skip;

	/**
	 * Lag of a standby from which background migrations hold, until it is shorter. 0 does
	 * not look at it.
	 */
	private Duration maxReplicationLag = Duration.ofSeconds(10);

	/**
	 * WAL that the server may write in a second, whoever causes it, before background
	 * migrations hold, such as "20MB". Without it, any.
	 */
	private @Nullable DataSize maxWalRate;

	/**
	 * Whether a start finishes all background migrations of its release before the
	 * application serves or, with headlock.exit-after-migration, before the process ends.
	 */
	private boolean finish;

	/**
	 * Longest that headlock.background.finish may take. Without it, there is no bound.
	 */
	private @Nullable Duration finishTimeout;

	/** Creates the properties with their defaults. */
	public BackgroundProperties() {
	}

	BackgroundSettings settings(ThrottleBeans throttles) {
		return new BackgroundSettings(this.run, this.workers, this.targetDuration, this.batchTimeout, this.load,
				this.finalizeWithin, this.skip, BackgroundSettings.PASS_PAUSE,
				new ThrottleSettings(this.maxReplicationLag, this.maxWalRate, throttles));
	}

	/**
	 * {@return which processes work on background migrations}
	 */
	public BackgroundRun getRun() {
		return this.run;
	}

	/**
	 * Sets which processes work on background migrations.
	 * @param run which processes
	 */
	public void setRun(BackgroundRun run) {
		this.run = run;
	}

	/**
	 * {@return where background migrations are declared}
	 */
	public List<String> getLocations() {
		return this.locations;
	}

	/**
	 * Sets where background migrations are declared.
	 * @param locations the locations, each beginning with {@code classpath:} or
	 * {@code filesystem:}
	 */
	public void setLocations(List<String> locations) {
		this.locations = locations;
	}

	/**
	 * {@return the most batches of one background migration at a time}
	 */
	public int getWorkers() {
		return this.workers;
	}

	/**
	 * Sets the most batches of one background migration at a time.
	 * @param workers the number over all processes, from 1 to 100
	 * @throws InvalidConfigurationPropertyValueException if it is lower or higher
	 */
	public void setWorkers(int workers) {
		if (workers < 1 || workers > MAX_WORKERS) {
			throw new InvalidConfigurationPropertyValueException("headlock.background.workers", workers,
					"It must be between 1 and 100.");
		}
		this.workers = workers;
	}

	/**
	 * {@return what a batch should take}
	 */
	public Duration getTargetDuration() {
		return this.targetDuration;
	}

	/**
	 * Sets what a batch should take.
	 * @param targetDuration the time, from 1 ms to 1 hour
	 * @throws InvalidConfigurationPropertyValueException if it is shorter or longer
	 */
	public void setTargetDuration(Duration targetDuration) {
		this.targetDuration = DurationBounds.MILLISECOND_TO_HOUR.check("headlock.background.target-duration",
				targetDuration);
	}

	/**
	 * {@return what a batch may take}
	 */
	public Duration getBatchTimeout() {
		return this.batchTimeout;
	}

	/**
	 * Sets what a batch may take.
	 * @param batchTimeout the bound, from 1 ms to 1 hour
	 * @throws InvalidConfigurationPropertyValueException if it is shorter or longer
	 */
	public void setBatchTimeout(Duration batchTimeout) {
		this.batchTimeout = DurationBounds.MILLISECOND_TO_HOUR.check("headlock.background.batch-timeout", batchTimeout);
	}

	/**
	 * {@return the share of time at work}
	 */
	public double getLoad() {
		return this.load;
	}

	/**
	 * Sets the share of time at work.
	 * @param load the share, from 0.01 to 1
	 * @throws InvalidConfigurationPropertyValueException if it is lower or higher
	 */
	public void setLoad(double load) {
		if (!(load >= 0.01 && load <= 1)) {
			throw new InvalidConfigurationPropertyValueException("headlock.background.load", load,
					"It must be between 0.01 and 1.");
		}
		this.load = load;
	}

	/**
	 * {@return the longest wait for the end of a background migration at a start}
	 */
	public Duration getFinalizeWithin() {
		return this.finalizeWithin;
	}

	/**
	 * Sets the longest wait for the end of a background migration at a start.
	 * @param finalizeWithin the bound, at most 365 days; 0 for no wait
	 * @throws InvalidConfigurationPropertyValueException if it is negative or longer
	 */
	public void setFinalizeWithin(Duration finalizeWithin) {
		this.finalizeWithin = DurationBounds.UP_TO_A_YEAR.check("headlock.background.finalize-within", finalizeWithin);
	}

	/**
	 * {@return the name of the one that need not be finished, {@code null} for none}
	 */
	public @Nullable String getSkip() {
		return this.skip;
	}

	/**
	 * Sets the one background migration that need not be finished.
	 * @param skip its name, {@code null} for none
	 */
	public void setSkip(@Nullable String skip) {
		this.skip = skip;
	}

	/**
	 * {@return the lag of a standby from which background migrations hold}
	 */
	public Duration getMaxReplicationLag() {
		return this.maxReplicationLag;
	}

	/**
	 * Sets the lag of a standby from which background migrations hold.
	 * @param maxReplicationLag the lag, from 1 ms to 1 day; 0 for any
	 * @throws InvalidConfigurationPropertyValueException if it is shorter or longer
	 */
	public void setMaxReplicationLag(Duration maxReplicationLag) {
		if (!maxReplicationLag.isZero()
				&& (maxReplicationLag.compareTo(MIN_DURATION) < 0 || maxReplicationLag.compareTo(MAX_LAG) > 0)) {
			throw new InvalidConfigurationPropertyValueException("headlock.background.max-replication-lag",
					maxReplicationLag, "It must be between 1 ms and 1 day, or 0 to look at no lag.");
		}
		this.maxReplicationLag = maxReplicationLag;
	}

	/**
	 * {@return the WAL of a second from which background migrations hold, {@code null}
	 * for any}
	 */
	public @Nullable DataSize getMaxWalRate() {
		return this.maxWalRate;
	}

	/**
	 * Sets the WAL of a second from which background migrations hold.
	 * @param maxWalRate the amount, at least 100 KB; {@code null} for any
	 * @throws InvalidConfigurationPropertyValueException if it is less
	 */
	public void setMaxWalRate(@Nullable DataSize maxWalRate) {
		if (maxWalRate != null && maxWalRate.compareTo(MIN_WAL_RATE) < 0) {
			throw new InvalidConfigurationPropertyValueException("headlock.background.max-wal-rate", maxWalRate,
					"It must be at least 100KB. Write it with a unit, such as 20MB, or leave it out for any rate.");
		}
		this.maxWalRate = maxWalRate;
	}

	/**
	 * {@return whether a start finishes all background migrations of its release}
	 */
	public boolean isFinish() {
		return this.finish;
	}

	/**
	 * Sets whether a start finishes all background migrations of its release.
	 * @param finish {@code true} to wait for their end
	 */
	public void setFinish(boolean finish) {
		this.finish = finish;
	}

	/**
	 * {@return the longest that a start may take to finish them, {@code null} for no
	 * bound}
	 */
	public @Nullable Duration getFinishTimeout() {
		return this.finishTimeout;
	}

	/**
	 * Sets the longest that a start may take to finish them.
	 * @param finishTimeout the bound, from 1 ms to 365 days; {@code null} for none
	 * @throws InvalidConfigurationPropertyValueException if it is shorter or longer
	 */
	public void setFinishTimeout(@Nullable Duration finishTimeout) {
		this.finishTimeout = (finishTimeout != null)
				? DurationBounds.MILLISECOND_TO_YEAR.check("headlock.background.finish-timeout", finishTimeout) : null;
	}

}
