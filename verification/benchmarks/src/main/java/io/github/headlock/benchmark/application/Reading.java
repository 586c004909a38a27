package io.github.headlock.benchmark.application;

import java.lang.management.ClassLoadingMXBean;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

import com.sun.management.OperatingSystemMXBean;

/**
 * What this process has used until a moment.
 *
 * @param micros the moment, in microseconds since the epoch, so that it can be compared
 * with those of other processes
 * @param cpuMicros CPU of all threads, in microseconds
 * @param classes number of classes loaded
 */
record Reading(long micros, long cpuMicros, long classes) {

	private static final OperatingSystemMXBean SYSTEM = ManagementFactory
		.getPlatformMXBean(OperatingSystemMXBean.class);

	private static final ClassLoadingMXBean CLASSES = ManagementFactory.getClassLoadingMXBean();

	static Reading now() {
		return new Reading(microsNow(), SYSTEM.getProcessCpuTime() / 1000, CLASSES.getTotalLoadedClassCount());
	}

	/** When the JVM began; by then it had used nothing. */
	static Reading ofJvmStart() {
		return new Reading(ManagementFactory.getRuntimeMXBean().getStartTime() * 1000, 0, 0);
	}

	static long microsNow() {
		return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
	}

}
