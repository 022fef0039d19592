/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GPUPASS_GPUPASS_H
#define GPUPASS_GPUPASS_H

/**
 * @file
 * gpupass for C, and for every language that can call C. It has the verbs of the C++ library; large values
 * are JSON.
 *
 * - **Errors.** A function that can fail has `error` as its last argument. If it fails, it returns NULL and
 *   sets `*error`, unless `error` is NULL; free it with gpupass_error_free(). If it succeeds, it leaves
 *   `*error` alone.
 * - **Text.** All text is UTF-8 and ends with a zero byte. Text that a function returns as `char *` is yours:
 *   free it with gpupass_free(). `const char *` belongs to the object that it was asked of.
 * - **Documents.** What the library returns is a document, {"format": 1, "plan": ...}; give it back as it is.
 *   gpupass_schema() has the JSON schema of all of them. Later versions may add fields; ignore those that you
 *   do not know.
 * - **Options and requests** are plain objects that you write. NULL stands for an empty object, and every key
 *   has a default. An unknown key is an error.
 * - **Lists of names** are arrays of texts with NULL at the end; NULL alone is an empty list.
 * - **Threads.** Different objects can be used by different threads at the same time. One gpupass_system must
 *   be used by one thread at a time. A gpupass_host never changes: any number of threads can use it.
 * - **Time.** gpupass_probe(), gpupass_capture(), gpupass_apply() and gpupass_recover() wait for the kernel,
 *   for drivers and for libvirt, each answer until its deadline. The other functions compute.
 * - **Rights.** Everybody can read; what only root can see is unknown to others. Only root can apply a plan
 *   that changes the host. A plan that changes only guests needs the rights that libvirt asks for.
 */

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** A machine: this one, or one that was captured. */
typedef struct gpupass_system gpupass_system;
/** What a probe saw of a machine. It never changes. */
typedef struct gpupass_host gpupass_host;
/** Why a function failed. */
typedef struct gpupass_error gpupass_error;

/** What kind of thing went wrong. */
enum gpupass_code {
  GPUPASS_USAGE = 1,       /**< The caller asked for something that has no meaning. */
  GPUPASS_NOT_FOUND = 2,   /**< No such GPU, guest, file. */
  GPUPASS_MALFORMED = 3,   /**< Input that does not have the form it must have. */
  GPUPASS_REFUSED = 4,     /**< A check says no. Nothing was changed. */
  GPUPASS_UNAVAILABLE = 5, /**< A part of the machine that is needed is not there: libvirt, say. */
  GPUPASS_BUSY = 6,        /**< Another gpupass is at work, or the plan is stale: try again. */
  GPUPASS_TIMEOUT = 7,     /**< An answer did not come before its deadline. */
  GPUPASS_WEDGED = 8,      /**< A write into the kernel did not return; the device needs a reboot. */
  GPUPASS_SYSTEM = 9,      /**< The kernel or libvirt reported an error. */
  GPUPASS_CANCELLED = 10   /**< The caller asked to stop. Nothing was changed. */
};

/** "0.1.0". */
const char *gpupass_version(void);
/** The JSON schema of every document: {"$defs": {"Plan": ...}}. Never fails. */
const char *gpupass_schema(void);
/** Frees a text. NULL is fine. */
void gpupass_free(char *text);

/* --- errors --- */

enum gpupass_code gpupass_error_code(const gpupass_error *error);
/** The stable name of a code: "not-found". */
const char *gpupass_code_name(enum gpupass_code code);
/** The device, file or guest concerned. May be empty. */
const char *gpupass_error_subject(const gpupass_error *error);
/** "cannot <verb> <subject>: saw X, expected Y". */
const char *gpupass_error_message(const gpupass_error *error);
/** What the user can do about it: one line or several. May be empty. */
const char *gpupass_error_hint(const gpupass_error *error);
/** The whole error as `gpupass --json` prints it, with each reason of a refusal and what would fit. */
const char *gpupass_error_json(const gpupass_error *error);
/** NULL is fine. */
void gpupass_error_free(gpupass_error *error);

/* --- a machine --- */

/**
 * Opens a machine. Nothing is read yet.
 * @param options {"root": "/" or a captured tree or a capture NAME.host, "libvirt_uri": "qemu:///system",
 *        "worker": the program gpupass-worker, "deadline_ms": 10000 for one answer, "write_deadline_ms":
 *        120000 for one write into the kernel}
 */
gpupass_system *gpupass_open(const char *options, gpupass_error **error);
/** NULL is fine. */
void gpupass_close(gpupass_system *system);

/**
 * Takes the snapshot.
 * @param verb what it is for: "list", "show", "groups", "topology", "check", "check-domain", "status",
 *        "place", "bind", "release", "define", "attach", "detach", "give", "take", "recover", "undo", "boot",
 *        "assert", "apply", "slices", "slice", "prepare", "tune", "quarantine"; NULL: everything. What the
 *        verb does not need is not read.
 * @param names GPUs and devices that will be named afterwards.
 */
gpupass_host *gpupass_probe(const gpupass_system *system, const char *verb, const char *const *names,
                            gpupass_error **error);
/** The content of a file NAME.host: everything that a probe reads, without what identifies the machine. */
char *gpupass_capture(const gpupass_system *system, gpupass_error **error);

gpupass_host *gpupass_host_from_json(const char *host, gpupass_error **error);
/** A document "host". */
char *gpupass_host_to_json(const gpupass_host *host, gpupass_error **error);
/** What the host will be once all steps of a plan are done. Nothing is read or changed. */
gpupass_host *gpupass_after(const gpupass_host *host, const char *plan, gpupass_error **error);
/** NULL is fine. */
void gpupass_host_free(gpupass_host *host);

/* --- what there is, and what fits --- */

/** The GPUs that names stand for: a document "selection". */
char *gpupass_select(const gpupass_host *host, const char *const *names, gpupass_error **error);
/** Each GPU of the host: a document "assessments". */
char *gpupass_assess(const gpupass_host *host, gpupass_error **error);
/** Whether these GPUs can be given away and taken back; without names, those that anybody would give: a
    document "findings". */
char *gpupass_check(const gpupass_host *host, const char *const *gpus, gpupass_error **error);
/** The faults of a guest's definition on this host: a document "findings". */
char *gpupass_check_domain(const gpupass_host *host, const char *xml, gpupass_error **error);
/**
 * The best GPUs, CPUs and memory for a guest: a document "placement".
 * @param request an object with keys of the schema's Request: {"gpu_count": 2, "vcpus": 16}
 */
char *gpupass_place(const gpupass_host *host, const char *request, gpupass_error **error);
/**
 * Where each of many guests goes: a document "packing".
 * @param requests as `gpupass place --requests` reads them: {"format": 1, "requests": [{"name": "a", ...}]}
 * @param options {"deadline_ms": 5000}
 */
char *gpupass_pack(const gpupass_host *const *hosts, size_t count, const char *requests, const char *options,
                   gpupass_error **error);
/**
 * Places a guest and writes its definition: a document "definition", with the XML and what is wrong with it.
 * @param base the definition that it begins with, as libvirt's XML; NULL: none.
 */
char *gpupass_define(const gpupass_host *host, const char *request, const char *base, gpupass_error **error);

/** What the host is, as gpupass.conf(5) declares it: TOML. */
char *gpupass_state(const gpupass_host *host, gpupass_error **error);
/** What of the host is not as declared: a document "findings". */
char *gpupass_compare_state(const gpupass_host *host, const char *toml, gpupass_error **error);

/* --- plans: each returns a document "plan", and changes nothing --- */

/**
 * To vfio-pci.
 * @param options {"force": [devices whose protection you give up], "stop": [services that may be stopped],
 *        "at_boot": on every later boot too}
 */
char *gpupass_plan_bind(const gpupass_host *host, const char *const *gpus, const char *options,
                        gpupass_error **error);
/**
 * Back to the host's drivers.
 * @param options {"at_boot": no longer at boot either}
 */
char *gpupass_plan_release(const gpupass_host *host, const char *const *gpus, const char *options,
                           gpupass_error **error);
/**
 * What makes the host as declared. While virtual functions are to be made, that alone: plan again then.
 * @param options {"force": [...], "stop": [...]}
 */
char *gpupass_plan_state(const gpupass_host *host, const char *toml, const char *options,
                         gpupass_error **error);
/**
 * Makes the host ready for guests with GPUs at every boot, and now as far as that can be.
 * @param options {"fix": [findings to be mended, and nothing else], "guests": 4, "gpus": 2 of each,
 *        "memory_bytes": of each, "page_size_bytes": of their huge pages, "at_boot": leave the memory of this
 *        boot as it is, "undo": take all of it back}
 */
char *gpupass_plan_prepare(const gpupass_host *host, const char *options, gpupass_error **error);
/**
 * Tunes the host, as it is declared, for the guests with GPUs that run.
 * @param options {"undo": take all of it back}
 */
char *gpupass_plan_tune(const gpupass_host *host, const char *options, gpupass_error **error);
/**
 * Keeps GPUs from every guest, over boots too.
 * @param options {"reason": a line for whoever finds them there} or {"release": guests may have them again}
 */
char *gpupass_plan_quarantine(const gpupass_host *host, const char *const *gpus, const char *options,
                              gpupass_error **error);
/**
 * Cuts a GPU into slices. A host that was probed for "slice" has what that needs, MIG too.
 * @param gpu one name; that of a virtual function for a vGPU on it
 * @param options one of {"vfs": how many virtual functions in all}, {"type": "L40S-4Q", "count": 2, "uuid": of
 *        the one mediated device, "at_boot": by mdevctl at every boot too} and {"mig": [profiles of instances
 *        beside those that there are; none: MIG mode alone]}
 */
char *gpupass_plan_slice_create(const gpupass_host *host, const char *gpu, const char *options,
                                gpupass_error **error);
/**
 * Takes slices away.
 * @param slices mediated devices by their UUIDs, vGPUs by their virtual functions; or one GPU, which loses all its
 *        virtual functions, or what the options say
 * @param options {"mig": [instances, as "3g.40gb:4", a profile, an id or a UUID; none: all]} or {"mig_off": true}
 */
char *gpupass_plan_slice_destroy(const gpupass_host *host, const char *const *slices, const char *options,
                                 gpupass_error **error);
/**
 * Stores a definition in libvirt.
 * @param definition of gpupass_define(). One with a failing finding is refused.
 * @param options {"start": true, "replace": true where there is such a guest, "force": [...], "stop": [...]}
 */
char *gpupass_plan_define(gpupass_system *system, const gpupass_host *host, const char *definition,
                          const char *options, gpupass_error **error);
/**
 * Devices to a guest.
 * @param options {"definitions": "all", "live", "config" or "both", "timeout_seconds": 60, "force": [...],
 *        "stop": [...]}
 */
char *gpupass_plan_attach(gpupass_system *system, const gpupass_host *host, const char *guest,
                          const char *const *devices, const char *options, gpupass_error **error);
/** Devices from a guest; options as above. */
char *gpupass_plan_detach(gpupass_system *system, const gpupass_host *host, const char *guest,
                          const char *const *devices, const char *options, gpupass_error **error);
/**
 * The whole job for a guest that exists: bind, define, attach.
 * @param options those of gpupass_plan_attach(), and {"start": true, "at_boot": true}
 */
char *gpupass_plan_give(gpupass_system *system, const gpupass_host *host, const char *guest,
                        const char *const *gpus, const char *options, gpupass_error **error);
/** The whole job back; options as for gpupass_plan_attach(). */
char *gpupass_plan_take(gpupass_system *system, const gpupass_host *host, const char *guest,
                        const char *const *gpus, const char *options, gpupass_error **error);
/** What takes an operation of the journal back. */
char *gpupass_plan_undo(gpupass_system *system, const gpupass_host *host, const char *operation,
                        gpupass_error **error);
/** What recovers an interrupted operation of the journal. gpupass_recover() carries it out. */
char *gpupass_plan_recovery(gpupass_system *system, const gpupass_host *host, const char *operation,
                            gpupass_error **error);

/* --- changes --- */

/**
 * Told what happens, as it happens.
 * @param event a document "event"; it lasts until the function returns.
 * @param data what the caller gave.
 * @returns 0 to go on. Anything else stops before the next step, and what was done is undone.
 */
typedef int (*gpupass_on_event)(const char *event, void *data);

/**
 * Carries a plan out: a document "report". Either all of it is done, or what was done is undone, and the
 * report says so. The undo is on disk before each change.
 */
char *gpupass_apply(gpupass_system *system, const char *plan, gpupass_on_event on_event, void *data,
                    gpupass_error **error);
/** Every operation that was begun on the machine: a document "operations". It may have secrets of guests. */
char *gpupass_journal(const gpupass_system *system, gpupass_error **error);
/**
 * Undoes an interrupted operation, or records that it had reached its goal: a document "report".
 * @param host probed for "recover".
 */
char *gpupass_recover(gpupass_system *system, const gpupass_host *host, const char *operation,
                      gpupass_on_event on_event, void *data, gpupass_error **error);

/* --- for people --- */

/**
 * A value as `gpupass` prints it.
 * @param what of a host: "list", "show", "status", "groups", "topology", "topology.svg", "matrix", "slices",
 *        "check", "check.html"; of a document: "placement", "plan", "report".
 * @param document the placement, plan or report; else NULL.
 * @param view {"columns": 80, "colour": true, "verbose": true, "boxes": true}
 */
char *gpupass_render(const gpupass_host *host, const char *what, const char *document, const char *view,
                     gpupass_error **error);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
