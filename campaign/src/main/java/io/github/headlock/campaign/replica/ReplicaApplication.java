package io.github.headlock.campaign.replica;

import java.util.concurrent.CountDownLatch;

import io.github.headlock.autoconfigure.HeadlockAutoConfiguration;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Configuration;

/**
 * A replica: what a start with Headlock needs, and no more, because a campaign starts
 * thousands. It says when it is ready, and then lives on.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class,
		HeadlockAutoConfiguration.class })
public class ReplicaApplication {

	/** What a replica prints when its application context is started. */
	public static final String READY = "Replica ready";

	public static void main(String[] arguments) throws InterruptedException {
		SpringApplication application = new SpringApplicationBuilder(ReplicaApplication.class)
			.web(WebApplicationType.NONE)
			.properties("spring.main.banner-mode=off", "spring.jmx.enabled=false",
					"spring.datasource.hikari.minimum-idle=0", "spring.datasource.hikari.maximum-pool-size=2")
			.build();
		application.run(arguments);
		System.out.println(READY);
		new CountDownLatch(1).await();
	}

}
