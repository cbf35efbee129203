import type { Locale } from "@keynode/decider/error-table";

/** One mail to one person. */
export type Mail = {
  /** The same however often it is sent, so that a mailbox that gets it twice shows it once (RFC 5322 §3.6.4). */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
};

/** What a link is for. */
export type LinkPurpose = "invitation" | "reset";

/** What a mail with a link says. */
export type LinkMail = {
  readonly purpose: LinkPurpose;
  readonly tenant: string;
  readonly name: string;
  readonly link: string;
  readonly expireTime: Date;
  readonly timeZone: string;
};

const subjects: Readonly<Record<LinkPurpose, Readonly<Record<Locale, (mail: LinkMail) => string>>>> = {
  invitation: {
    en: ({ tenant }) => `You are invited to ${tenant}`,
    zh: ({ tenant }) => `邀请您加入 ${tenant}`,
  },
  reset: {
    en: () => "Choose a new password",
    zh: () => "重置密码",
  },
};

const texts: Readonly<Record<LinkPurpose, Readonly<Record<Locale, (mail: LinkMail, until: string) => string>>>> = {
  invitation: {
    en: ({ name, tenant, link }, until) =>
      `Hello ${name},\n\nyou have been invited to ${tenant}. Choose your password here:\n\n${link}\n\nThe link works once, until ${until}.\n`,
    zh: ({ name, tenant, link }, until) =>
      `${name}，您好：\n\n您已被邀请加入 ${tenant}。请点击以下链接设置密码：\n\n${link}\n\n该链接仅可使用一次，有效期至 ${until}。\n`,
  },
  reset: {
    en: ({ name, link }, until) =>
      `Hello ${name},\n\nsomebody asked for a new password for your account. If it was you, choose one here:\n\n${link}\n\nThe link works once, until ${until}. If it was not you, do nothing: your password stays as it is.\n`,
    zh: ({ name, link }, until) =>
      `${name}，您好：\n\n我们收到了重置您账户密码的请求。如果是您本人操作，请点击以下链接：\n\n${link}\n\n该链接仅可使用一次，有效期至 ${until}。如非本人操作，请忽略此邮件，您的密码不会改变。\n`,
  },
};

/** Writes the mail in its reader's language, times in the tenant's zone. */
export const written = (mail: LinkMail, language: string): Pick<Mail, "subject" | "text"> => {
  const locale: Locale = language === "zh" ? "zh" : "en";
  const until = new Intl.DateTimeFormat(locale, {
    dateStyle: "long",
    timeStyle: "short",
    timeZone: mail.timeZone || "UTC",
  }).format(mail.expireTime);
  return { subject: subjects[mail.purpose][locale](mail), text: texts[mail.purpose][locale](mail, until) };
};
