package io.github.headlock.autoconfigure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.headlock.startup.HeadlockMigrationStrategy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;

/**
 * Says once in the log that Headlock takes no part in migrations, why, and which
 * properties have no effect therefore.
 */
class InactiveReporter implements SmartInitializingSingleton {

	private static final Logger logger = LoggerFactory.getLogger(InactiveReporter.class);

	private final HeadlockProperties properties;

	private final ListableBeanFactory beans;

	InactiveReporter(HeadlockProperties properties, ListableBeanFactory beans) {
		this.properties = properties;
		this.beans = beans;
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (!this.properties.isEnabled()) {
			logger.info("Headlock is not active: headlock.enabled=false");
			warnOfProtections("headlock.enabled=false is set");
			return;
		}
		Map<String, FlywayMigrationStrategy> strategies = BeanFactoryUtils.beansOfTypeIncludingAncestors(this.beans,
				FlywayMigrationStrategy.class);
		Map<String, FlywayMigrationStrategy> headlock = new LinkedHashMap<>(strategies);
		headlock.values().removeIf((strategy) -> !(strategy instanceof HeadlockMigrationStrategy));
		// another one beside Headlock's is asked by it
		(headlock.isEmpty() ? strategies : headlock).forEach(this::report);
	}

	private void report(String name, FlywayMigrationStrategy strategy) {
		if (!(strategy instanceof HeadlockMigrationStrategy headlock)) {
			if (isOfAnotherStarter(name)) {
				logger.warn(
						"Headlock is not active: another starter brings a migration strategy, the bean \"{}\" of {}",
						name, strategy.getClass().getName());
			}
			else {
				logger.info("Headlock is not active: the application has a migration strategy of its own, the bean "
						+ "\"{}\"", name);
			}
			warnOfProtections(String.format(Locale.ROOT, "the bean \"%s\" migrates instead of Headlock", name));
		}
		else if (!headlock.wasCalled()) {
			logger.warn("Headlock was not asked to migrate: give the application's own FlywayMigrationInitializer "
					+ "the FlywayMigrationStrategy bean");
			warnOfProtections(String.format(Locale.ROOT, "the bean \"%s\" was not asked to migrate", name));
		}
		else {
			headlock.inactiveBecause().ifPresent(this::warnOfProtections);
		}
	}

	/**
	 * One whose bean method stands in an auto-configuration, or in a class within one.
	 */
	private boolean isOfAnotherStarter(String name) {
		if (!(this.beans instanceof ConfigurableListableBeanFactory factory) || !factory.containsBeanDefinition(name)) {
			return false;
		}
		BeanDefinition definition = factory.getMergedBeanDefinition(name);
		for (Class<?> type = declaringType(definition, factory); type != null; type = type.getEnclosingClass()) {
			if (AnnotatedElementUtils.hasAnnotation(type, AutoConfiguration.class)) {
				return true;
			}
		}
		return false;
	}

	private static @Nullable Class<?> declaringType(BeanDefinition definition,
			ConfigurableListableBeanFactory factory) {
		String bean = definition.getFactoryBeanName();
		if (bean != null) {
			Class<?> type = factory.getType(bean, false);
			return (type != null) ? ClassUtils.getUserClass(type) : null;
		}
		return (definition instanceof RootBeanDefinition root && root.getResolvedFactoryMethod() != null)
				? root.getResolvedFactoryMethod().getDeclaringClass() : null;
	}

	private void warnOfProtections(String reason) {
		List<String> names = ProtectiveProperties.of(this.properties);
		if (!names.isEmpty()) {
			logger.warn("Without effect: {}, because {}", names, reason);
		}
	}

}
