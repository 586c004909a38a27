package io.github.headlock.startup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.MigrationListener;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

/**
 * Tests that a listener changes nothing, whatever it throws.
 */
class MigrationListenersTests {

	private final List<RuntimeException> told = new ArrayList<>();

	@Test
	void aListenerThatMeetsAMissingClassHidesNoFailureAndSilencesNoOther() {
		DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
		beans.registerSingleton("broken", new MigrationListener() {

			@Override
			public void failed(RuntimeException failure, Duration took) {
				throw new NoClassDefFoundError("org/example/Gone");
			}

		});
		beans.registerSingleton("other", new MigrationListener() {

			@Override
			public void failed(RuntimeException failure, Duration took) {
				MigrationListenersTests.this.told.add(failure);
			}

		});
		RuntimeException failure = new IllegalStateException("the cause");
		MigrationListeners listeners = new MigrationListeners(new NamedBeans<>(beans, MigrationListener.class));
		assertThatCode(() -> listeners.failed(failure, Duration.ZERO)).doesNotThrowAnyException();
		assertThat(this.told).containsExactly(failure);
	}

}
