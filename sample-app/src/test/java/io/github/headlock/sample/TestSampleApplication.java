package io.github.headlock.sample;

import org.springframework.boot.SpringApplication;

/**
 * Runs the application on a machine for development, with PostgreSQL in a container; to
 * copy from.
 */
class TestSampleApplication {

	public static void main(String[] args) {
		SpringApplication.from(SampleApplication::main).with(TestcontainersConfiguration.class).run(args);
	}

}
