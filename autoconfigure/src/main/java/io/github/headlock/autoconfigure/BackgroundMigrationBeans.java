package io.github.headlock.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.headlock.BackgroundMigration;
import io.github.headlock.PrintableText;
import io.github.headlock.background.InvalidBackgroundMigrationException;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.startup.NamedBeans;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.BeanCurrentlyInCreationException;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Finds the background migrations that are beans, before the schema is ready.
 */
final class BackgroundMigrationBeans {

	private BackgroundMigrationBeans() {
	}

	/**
	 * Creates them.
	 * @param beans the bean factory of the application
	 * @return the beans by their names
	 * @throws InvalidBackgroundMigrationException if one needs the schema to be created
	 * @throws BeansException if one cannot be created for another reason
	 */
	static Map<String, BackgroundMigration> find(ConfigurableListableBeanFactory beans) {
		NamedBeans<BackgroundMigration> migrations = new NamedBeans<>(beans, BackgroundMigration.class);
		Map<String, BackgroundMigration> found = new LinkedHashMap<>();
		for (String name : migrations.names()) {
			try {
				migrations.get(name).ifPresent((migration) -> found.put(name, migration));
			}
			catch (BeansException ex) {
				if (!ex.contains(BeanCurrentlyInCreationException.class)) {
					throw ex;
				}
				throw new InvalidBackgroundMigrationException("the bean \"" + name + "\"",
						"it needs a bean that is created when the schema is ready, and is needed before: "
								+ PrintableText.line(ex.getMostSpecificCause().getMessage()),
						"Let it have no repository, EntityManager, JdbcTemplate or JdbcClient: batch.jdbc() reads and changes "
								+ "rows.");
			}
			// such as of a scope that does not exist
			catch (IllegalStateException ex) {
				throw new InvalidBackgroundMigrationException("the bean \"" + name + "\"",
						"it cannot be created: " + RootCause.describe(ex),
						"Let it be a singleton: it is needed when the application starts.", ex);
			}
		}
		return found;
	}

}
