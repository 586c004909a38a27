package io.github.headlock.autoconfigure;

import java.util.Map;

import io.github.headlock.BackgroundMigration;
import io.github.headlock.background.BackgroundMigrations;
import io.github.headlock.background.InvalidBackgroundMigrationException;
import io.github.headlock.background.ThrottleBeans;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.io.support.ResourcePatternUtils;

/**
 * Finds what a release declares, in files and by beans.
 */
public final class BackgroundDeclarations {

	private BackgroundDeclarations() {
	}

	/**
	 * Reads the declarations.
	 * @param properties tell where the files are
	 * @param resources finds the files
	 * @param beans the beans by their names
	 * @param throttles the beans that ask for pauses
	 * @return the background migrations
	 * @throws InvalidBackgroundMigrationException if a declaration is wrong
	 * @throws InvalidConfigurationPropertyValueException if a location is wrong
	 */
	public static BackgroundMigrations of(HeadlockProperties properties, ResourceLoader resources,
			Map<String, BackgroundMigration> beans, ThrottleBeans throttles) {
		BackgroundProperties background = properties.getBackground();
		return BackgroundMigrations.load(background.getLocations(),
				ResourcePatternUtils.getResourcePatternResolver(resources), beans, background.settings(throttles));
	}

}
