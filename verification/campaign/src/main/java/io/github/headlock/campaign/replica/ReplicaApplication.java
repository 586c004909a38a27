package io.github.headlock.campaign.replica;

import java.util.List;
import java.util.concurrent.CountDownLatch;

import io.github.headlock.autoconfigure.HeadlockAutoConfiguration;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/**
 * A replica: what a start with Headlock needs, and no more, because a campaign starts
 * thousands. It says when it is ready, and then lives on.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class,
		HeadlockAutoConfiguration.class })
@Import(ReplicaBeans.class)
public class ReplicaApplication {

	/** What a replica prints when its application context is started. */
	public static final String READY = "Replica ready";

	/** What it prints before that if its release could not work yet. */
	public static final String TOO_EARLY = "READY TOO EARLY";

	/** Effects that the release needs, and nothing is checked without. */
	public static final String NEEDS = "campaign.needs";

	/** Database for the check. */
	public static final String URL = "campaign.url";

	/** Whether the application's role may be kept out when this replica is ready. */
	public static final String KEPT_OUT = "campaign.kept-out";

	/** Whether the replica watches its health. */
	public static final String HEALTH = "campaign.health";

	public static void main(String[] arguments) throws InterruptedException {
		boolean healthIsWatched = List.of(arguments).contains("--" + HEALTH + "=true");
		SpringApplication application = new SpringApplicationBuilder(
				healthIsWatched ? new Class<?>[] { ReplicaApplication.class, HealthWatch.class }
						: new Class<?>[] { ReplicaApplication.class })
			.web(WebApplicationType.NONE)
			.properties("spring.main.banner-mode=off", "spring.jmx.enabled=false",
					"spring.datasource.hikari.minimum-idle=0", "spring.datasource.hikari.maximum-pool-size=2")
			.build();
		ConfigurableApplicationContext context = application.run(arguments);
		check(context.getEnvironment());
		System.out.println(READY);
		if (healthIsWatched) {
			HealthWatch.watch(context);
		}
		new CountDownLatch(1).await();
	}

	private static void check(Environment environment) throws InterruptedException {
		String[] needs = environment.getProperty(NEEDS, String[].class);
		if (needs == null) {
			return;
		}
		String problem = new ReadyCheck(environment.getRequiredProperty(URL),
				environment.getRequiredProperty("spring.datasource.username"),
				environment.getProperty(KEPT_OUT, Boolean.class, false))
			.problem(List.of(needs));
		if (problem != null) {
			System.out.println(TOO_EARLY + ": " + problem);
		}
	}

}
