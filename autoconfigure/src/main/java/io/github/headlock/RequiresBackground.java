package io.github.headlock;

import java.util.List;

/**
 * Lets a versioned Java migration be begun only when background migrations are finished,
 * as a line {@code -- headlock: requires background} does for an SQL migration. To be
 * implemented by the class of the migration.
 */
public interface RequiresBackground {

	/**
	 * Returns what it requires. Called before the migration is pending, and more than
	 * once.
	 * @return names of background migrations, which this release declares
	 */
	List<String> requiredBackgroundMigrations();

}
