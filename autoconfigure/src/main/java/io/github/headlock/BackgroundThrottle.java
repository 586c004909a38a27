package io.github.headlock;

import org.jspecify.annotations.Nullable;

/**
 * Tells when background migrations are to hold, for reasons that only the application
 * knows: a report is being made, the shop has a sale. Beans of this type are asked by
 * each process that works on a background migration, before a batch and at most every two
 * seconds, on the thread that works. They are looked up when the application has started,
 * so they may need the database or JPA. With {@code headlock.background.finish}, those
 * are asked that can be created before the application's beans, and they must not look
 * beans up.
 * <p>
 * A hold is for all processes. It lasts until a process asks again, some seconds later,
 * and no throttle has a reason any more. So a throttle should answer the same in every
 * process. Other than a hold for a lock or for replication, it is not ended after 30
 * minutes. A throttle that fails holds as well. While a start finishes a background
 * migration that it requires, no throttle is asked.
 */
@FunctionalInterface
public interface BackgroundThrottle {

	/**
	 * Returns why a background migration is to hold now. To be answered quickly: this
	 * process works on no background migration meanwhile.
	 * @param migration name of the background migration
	 * @return the reason, as operators are to read it in the log and in the table;
	 * {@code null} for none
	 * @throws Exception if that cannot be told; the background migration then holds
	 */
	@Nullable String reasonToHold(String migration) throws Exception;

}
