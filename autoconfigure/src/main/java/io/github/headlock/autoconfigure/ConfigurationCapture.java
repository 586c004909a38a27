package io.github.headlock.autoconfigure;

import java.util.Objects;
import java.util.Optional;

import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.GenericBeanDefinition;
import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;

/**
 * Takes the configuration that Spring Boot's own bean method makes, before the method
 * loads a Flyway with it. What is taken is what the Flyway would get, whatever property,
 * connection details, callback or customizer it comes from.
 */
final class ConfigurationCapture implements FlywayConfigurationCustomizer {

	private static final Logger logger = LoggerFactory.getLogger(ConfigurationCapture.class);

	private @Nullable FluentConfiguration configuration;

	private ConfigurationCapture() {
	}

	/**
	 * Calls the bean method, in a bean factory of its own with a copy of the bean
	 * definition and one customizer more, which ends the call.
	 * @param name name of the bean
	 * @param beans the bean factory that has its definition
	 * @return the configuration, empty if the method fails, or if it may go on to change
	 * the configuration after the customizer
	 */
	static Optional<FluentConfiguration> of(String name, DefaultListableBeanFactory beans) {
		ConfigurationCapture capture = new ConfigurationCapture();
		DefaultListableBeanFactory own = new DefaultListableBeanFactory(beans);
		own.copyConfigurationFrom(beans);
		own.getBeanPostProcessors().removeIf((processor) -> true);
		own.registerSingleton("headlockConfigurationCapture", capture);
		own.registerBeanDefinition(name, new GenericBeanDefinition(beans.getMergedBeanDefinition(name)));
		try {
			if (isLast(capture, own)) {
				own.getBean(name);
			}
		}
		catch (BeansException ex) {
			if (!ex.contains(Captured.class)) {
				// Spring Boot's own call meets the same problem and reports it
				logger.debug("The configuration of the bean \"{}\" cannot be made", name, ex);
				return Optional.empty();
			}
		}
		return Optional.ofNullable(capture.configuration);
	}

	/** One of the same order comes after it. */
	private static boolean isLast(ConfigurationCapture capture, DefaultListableBeanFactory beans) {
		return beans.getBeanProvider(FlywayConfigurationCustomizer.class)
			.orderedStream()
			.reduce((first, second) -> second)
			.filter(capture::equals)
			.isPresent();
	}

	@Override
	public void customize(FluentConfiguration configuration) {
		this.configuration = Objects.requireNonNull(configuration);
		throw new Captured();
	}

	/**
	 * Ends the call.
	 */
	private static final class Captured extends RuntimeException {

		private static final long serialVersionUID = 1L;

		Captured() {
			super("The configuration is complete", null, false, false);
		}

	}

}
