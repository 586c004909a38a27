package io.github.headlock.actuate;

import java.util.Optional;
import java.util.function.Supplier;

import io.github.headlock.HeadlockException;
import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.actuate.MigrationObservationDocumentation.HighCardinality;
import io.github.headlock.actuate.MigrationObservationDocumentation.LowCardinality;
import io.github.headlock.startup.MigrationObserver;
import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.ObjectProvider;

/**
 * Shows the database part of a start in traces.
 */
public class MigrationObservation implements MigrationObserver {

	private static final Logger logger = LoggerFactory.getLogger(MigrationObservation.class);

	private final ObjectProvider<ObservationRegistry> registries;

	/**
	 * Creates the observation.
	 * @param registries the application's registry, asked for when a start begins
	 */
	public MigrationObservation(ObjectProvider<ObservationRegistry> registries) {
		this.registries = registries;
	}

	@Override
	public Optional<MigrationReport> observe(Supplier<Optional<MigrationReport>> start) {
		Observation observation = MigrationObservationDocumentation.START.observation(registry())
			.lowCardinalityKeyValue(LowCardinality.OUTCOME.withValue(KeyValue.NONE_VALUE));
		Observation.Scope scope = begin(observation);
		try {
			Optional<MigrationReport> report = start.get();
			report.ifPresent((present) -> describe(observation, present));
			return report;
		}
		catch (RuntimeException ex) {
			observation.lowCardinalityKeyValue(LowCardinality.OUTCOME.withValue(MigrationOutcome.FAILED.id()));
			safely(() -> observation.error(new StartFailure(ex)));
			throw ex;
		}
		finally {
			safely(scope::close);
			safely(observation::stop);
		}
	}

	private static Observation.Scope begin(Observation observation) {
		try {
			return observation.start().openScope();
		}
		catch (RuntimeException | Error ex) {
			warn(ex);
			return Observation.Scope.NOOP;
		}
	}

	/** A handler that fails must not decide whether the application starts. */
	private static void safely(Runnable step) {
		try {
			step.run();
		}
		catch (RuntimeException | Error ex) {
			warn(ex);
		}
	}

	private static void warn(Throwable failure) {
		logger.warn("An observation handler failed; startup continues without observation", failure);
	}

	/** The database is not there for its handlers yet, if they need it. */
	private ObservationRegistry registry() {
		try {
			return this.registries.getIfUnique(() -> ObservationRegistry.NOOP);
		}
		catch (BeansException ex) {
			logger.warn("The start is not observed, because the registry cannot be created before the schema is ready",
					ex);
			return ObservationRegistry.NOOP;
		}
	}

	private static void describe(Observation observation, MigrationReport report) {
		String version = report.status().currentVersion();
		observation.lowCardinalityKeyValue(LowCardinality.OUTCOME.withValue(report.outcome().id()))
			.highCardinalityKeyValue(HighCardinality.SCHEMA.withValue(report.schema()))
			.highCardinalityKeyValue(
					HighCardinality.VERSION.withValue((version != null) ? version : KeyValue.NONE_VALUE))
			.highCardinalityKeyValue(HighCardinality.MIGRATIONS.withValue(String.valueOf(report.migrations())))
			.highCardinalityKeyValue(HighCardinality.WAITED.withValue(report.waited().toString()));
	}

	/**
	 * Stands for the failure in traces, which other people read than the log: Flyway's
	 * messages, also those of causes, quote the statement that failed.
	 */
	static final class StartFailure extends RuntimeException {

		private static final long serialVersionUID = 1L;

		StartFailure(RuntimeException failure) {
			super((failure instanceof HeadlockException)
					? failure.getClass().getSimpleName() + ": " + failure.getMessage() : failure.getClass().getName(),
					null, false, false);
		}

	}

}
