package io.github.headlock.actuate;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests that a handler of observations decides nothing, whatever it throws.
 */
class MigrationObservationHandlerErrorTests {

	@Test
	void aHandlerThatMeetsAMissingClassHidesNoFailure() {
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler(new BrokenHandler());
		DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
		beans.registerSingleton("registry", registry);
		MigrationObservation observation = new MigrationObservation(beans.getBeanProvider(ObservationRegistry.class));
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> observation.observe(() -> {
			throw new IllegalStateException("the cause");
		})).withMessage("the cause");
	}

	private static final class BrokenHandler implements ObservationHandler<Observation.Context> {

		@Override
		public void onStop(Observation.Context context) {
			throw new NoClassDefFoundError("org/example/Gone");
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

}
