package io.github.headlock.autoconfigure;

import java.util.List;
import java.util.Optional;

import io.github.headlock.startup.DeferredFlyway;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.startup.SupportedVersions;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.ClassicConfiguration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.logging.LogFactory;
import org.flywaydb.core.extensibility.ConfigurationProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.InstantiationAwareBeanPostProcessor;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.core.env.Environment;

/**
 * Puts a proxy in the place of Spring Boot's own Flyway bean, whose Flyway is loaded when
 * something is first asked of it, where it is known what loading adds to the
 * configuration: nothing.
 */
final class DeferredFlywayPostProcessor implements InstantiationAwareBeanPostProcessor {

	private static final Logger logger = LoggerFactory.getLogger(DeferredFlywayPostProcessor.class);

	/** From where Flyway adds callbacks to a configuration that it loads. */
	private static final String CALLBACKS = "db/callback";

	/** In a location, it makes Spring Boot open a connection to find out the database. */
	private static final String VENDOR = "{vendor}";

	/** Of the processor that replaces beans by spies, which refuses such proxies. */
	private static final String TEST_FRAMEWORK = "org.springframework.test.";

	private final DefaultListableBeanFactory beans;

	private final Environment environment;

	DeferredFlywayPostProcessor(DefaultListableBeanFactory beans, Environment environment) {
		this.beans = beans;
		this.environment = environment;
	}

	@Override
	public @Nullable Object postProcessBeforeInstantiation(Class<?> type, String name) {
		if (type != Flyway.class || !isManaged(name)) {
			return null;
		}
		if (!isKnown() || usesVendor("locations") || usesVendor("callback-locations") || isExtended()) {
			logger.debug("The bean \"{}\" is created with its Flyway, because of what it is configured with", name);
			return null;
		}
		Optional<FluentConfiguration> configuration = ConfigurationCapture.of(name, this.beans)
			.filter((made) -> made.getClassLoader() == this.beans.getBeanClassLoader());
		configuration.ifPresent(LogFactory::setConfiguration);
		return configuration.map((made) -> initialize(DeferredFlyway.of(made), name)).orElse(null);
	}

	/** Whether it is Spring Boot's bean, and Headlock's strategy alone uses it. */
	private boolean isManaged(String name) {
		String[] strategies = this.beans.getBeanNamesForType(FlywayMigrationStrategy.class, true, false);
		return SkipMigrationsCheck.FLYWAY_OF_SPRING_BOOT
			.equals(this.beans.getMergedBeanDefinition(name).getFactoryBeanName())
				&& List.of(strategies).equals(List.of(HeadlockAutoConfiguration.STRATEGY))
				&& this.beans.isTypeMatch(HeadlockAutoConfiguration.STRATEGY, HeadlockMigrationStrategy.class)
				&& Binder.get(this.environment).bind("headlock.enabled", Boolean.class).orElse(true);
	}

	/** Ahead of time, Spring Boot replaces what completes the configuration. */
	private boolean isKnown() {
		return SupportedVersions.areKnown() && DeferredFlyway.isPossible() && !AotDetector.useGeneratedArtifacts()
				&& this.beans.getBeanPostProcessors()
					.stream()
					.noneMatch((processor) -> processor.getClass().getName().startsWith(TEST_FRAMEWORK));
	}

	private boolean usesVendor(String property) {
		return Binder.get(this.environment)
			.bind("spring.flyway." + property, Bindable.listOf(String.class))
			.orElse(List.of())
			.stream()
			.anyMatch((location) -> location.contains(VENDOR));
	}

	/** Whether loading adds to the configuration, or fails. */
	private boolean isExtended() {
		try {
			ClassicConfiguration configuration = new ClassicConfiguration(this.beans.getBeanClassLoader());
			return !configuration.loadCallbackLocation(CALLBACKS, false).isEmpty()
					|| !configuration.getPluginRegister().getInstancesOf(ConfigurationProvider.class).isEmpty();
		}
		catch (LinkageError | RuntimeException ex) {
			logger.debug("What Flyway adds to its configuration cannot be found out", ex);
			return true;
		}
	}

	/** What Spring leaves out for beans that are not created by itself. */
	private Object initialize(Object bean, String name) {
		Object initialized = bean;
		for (BeanPostProcessor processor : this.beans.getBeanPostProcessors()) {
			Object processed = processor.postProcessBeforeInitialization(initialized, name);
			if (processed == null) {
				return initialized;
			}
			initialized = processed;
		}
		return initialized;
	}

}
