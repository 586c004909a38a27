package io.github.headlock.autoconfigure;

import java.lang.reflect.Field;
import java.util.Locale;

import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.startup.ModuleFlyways;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationInitializer;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.core.env.Environment;
import org.springframework.util.ReflectionUtils;

/**
 * Refuses {@code headlock.skip-migrations} where something would migrate in spite of it,
 * before it does.
 */
final class SkipMigrationsCheck implements BeanFactoryPostProcessor, BeanPostProcessor {

	static final String PROPERTY = "headlock.skip-migrations";

	/** There if, and only if, the Flyway is the one that Spring Boot made. */
	static final String FLYWAY_OF_SPRING_BOOT = "org.springframework.boot.flyway.autoconfigure."
			+ "FlywayAutoConfiguration$FlywayConfiguration";

	private final boolean skip;

	SkipMigrationsCheck(Environment environment) {
		this.skip = Binder.get(environment).bind(PROPERTY, Boolean.class).orElse(false);
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
		String[] flyways = beans.getBeanNamesForType(Flyway.class, true, false);
		if (this.skip && flyways.length > 0) {
			checkStrategies(beans);
			if (!beans.containsBeanDefinition(FLYWAY_OF_SPRING_BOOT)) {
				checkOwn(flyways, beans);
			}
		}
	}

	private static void checkStrategies(ConfigurableListableBeanFactory beans) {
		String[] strategies = BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, FlywayMigrationStrategy.class,
				true, false);
		if (strategies.length == 0) {
			throw refusal("Flyway would migrate nevertheless, because its module flyway-database-postgresql is missing "
					+ "and Headlock takes no part.");
		}
		boolean headlock = beans.getBeanNamesForType(HeadlockMigrationStrategy.class, true, false).length > 0;
		for (String name : strategies) {
			Class<?> type = beans.getType(name, false);
			if (type == null || !(isOfHeadlock(type) || (headlock && ModuleFlyways.of(type).isPresent()))) {
				throw refusal(String.format(Locale.ROOT,
						"The application's own migration strategy, the bean \"%s\", would migrate nevertheless. "
								+ "Remove the bean or the property.",
						name));
			}
		}
	}

	private static boolean isOfHeadlock(Class<?> type) {
		return HeadlockMigrationStrategy.class.isAssignableFrom(type);
	}

	/**
	 * An own Flyway is left alone where nothing but an initializer would migrate with it.
	 */
	private static void checkOwn(String[] flyways, ConfigurableListableBeanFactory beans) {
		boolean initializer = beans.getBeanNamesForType(FlywayMigrationInitializer.class, true, false).length > 0;
		for (String name : flyways) {
			BeanDefinition definition = beans.containsBeanDefinition(name) ? beans.getMergedBeanDefinition(name) : null;
			if (!initializer || (definition != null && definition.getInitMethodName() != null)) {
				throw refusal(String.format(Locale.ROOT,
						"The application's own Flyway, the bean \"%s\", would migrate nevertheless. Let Spring "
								+ "Boot make the Flyway, or remove the property.",
						name));
			}
		}
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (this.skip && bean instanceof FlywayMigrationInitializer initializer && passesBy(initializer)) {
			throw refusal(String.format(Locale.ROOT,
					"The application's own FlywayMigrationInitializer, the bean \"%s\", would migrate "
							+ "nevertheless. Give it the FlywayMigrationStrategy bean.",
					beanName));
		}
		return bean;
	}

	private static boolean passesBy(FlywayMigrationInitializer initializer) {
		Field field = strategyField();
		if (field == null) {
			return false;
		}
		ReflectionUtils.makeAccessible(field);
		@Nullable Object strategy = ReflectionUtils.getField(field, initializer);
		return strategy == null || !isOfHeadlock(strategy.getClass());
	}

	private static @Nullable Field strategyField() {
		return ReflectionUtils.findField(FlywayMigrationInitializer.class, "migrationStrategy");
	}

	private static InvalidConfigurationPropertyValueException refusal(String reason) {
		return new InvalidConfigurationPropertyValueException(PROPERTY, true, reason);
	}

	/**
	 * The field that a native image needs to know.
	 */
	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			Field field = strategyField();
			if (field != null) {
				hints.reflection().registerField(field);
			}
		}

	}

}
