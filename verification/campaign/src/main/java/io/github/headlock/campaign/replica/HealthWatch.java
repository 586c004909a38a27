package io.github.headlock.campaign.replica;

import io.github.headlock.autoconfigure.HeadlockHealthAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * Looks again and again at what a replica contributes to {@code /actuator/health}, and
 * says in its log whenever that has changed.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration(HeadlockHealthAutoConfiguration.class)
public class HealthWatch {

	/** What the line in the log begins with. */
	public static final String CHANGED = "Health is ";

	private static final Logger logger = LoggerFactory.getLogger(HealthWatch.class);

	private static final long PERIOD = 200;

	/**
	 * Looks until the application is closed.
	 * @param application what to look at
	 * @throws InterruptedException if the thread is interrupted
	 */
	static void watch(ConfigurableApplicationContext application) throws InterruptedException {
		HealthIndicator indicator = application.getBean(HealthIndicator.class);
		String last = "";
		while (true) {
			Health health = look(indicator);
			if (!application.isActive()) {
				return;
			}
			String status = (health != null) ? health.getStatus().getCode() : "null";
			if (!status.equals(last)) {
				logger.info("{}{} {}", CHANGED, status, (health != null) ? health.getDetails() : "");
				last = status;
			}
			Thread.sleep(PERIOD);
		}
	}

	/** On a machine that is busy a look may take longer than it is given, once. */
	private static @Nullable Health look(HealthIndicator indicator) {
		Health health = indicator.health();
		return (health != null && health.getStatus().equals(Status.UP)) ? health : indicator.health();
	}

}
